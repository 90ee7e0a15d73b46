/** One bus, one global sequence, a bounded replay window. */
package io.koshi.event.internal;
