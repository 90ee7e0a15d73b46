/** The WebSocket door, and the sockets of plugins. */
package io.koshi.gateway.internal;
