/**
 * A client of the hub: calls methods, hears events, offers methods, over the Unix socket or the WebSocket. It needs
 * nothing but the JDK; {@link HubClient} comes back by itself, {@link Wire} is a connection and no more.
 */
package io.koshi.client;
