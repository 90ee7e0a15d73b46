/** The Unix socket: CBOR frames, admin only. */
package io.koshi.ipc.internal;
