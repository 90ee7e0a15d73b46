/** A channel over plain signed HTTP requests. */
package io.koshi.channel.http;
