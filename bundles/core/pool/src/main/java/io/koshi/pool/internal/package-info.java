/** Owns every thread and the shared HTTP client. */
package io.koshi.pool.internal;
