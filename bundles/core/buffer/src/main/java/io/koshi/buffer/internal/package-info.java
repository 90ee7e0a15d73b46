/** Takes messages in, keeps them, and gathers a conversation for the batch window. */
package io.koshi.buffer.internal;
