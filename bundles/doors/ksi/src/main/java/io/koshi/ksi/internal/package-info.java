/** The HTTP paths of an older daemon, for its clients. */
package io.koshi.ksi.internal;
