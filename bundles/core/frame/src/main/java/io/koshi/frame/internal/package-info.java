/** What frames mean: calls there and back, remote services, events; the same for every door that carries them. */
package io.koshi.frame.internal;
