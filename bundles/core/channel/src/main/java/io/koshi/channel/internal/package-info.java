/** Gathers the channels and tells their state. */
package io.koshi.channel.internal;
