/** Knows when the house is ready, reloads it, and stops it in order. */
package io.koshi.hub.internal;
