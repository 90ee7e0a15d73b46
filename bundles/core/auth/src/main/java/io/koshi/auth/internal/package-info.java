/** Knows who a caller is and what the caller may do. */
package io.koshi.auth.internal;
