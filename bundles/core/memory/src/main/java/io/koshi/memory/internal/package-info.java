/** Stores what was learned and finds it again. */
package io.koshi.memory.internal;
