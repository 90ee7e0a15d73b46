package io.koshi.service.mcp;

import io.koshi.api.KoshiException;
import java.io.IOException;

/** Opens a wire to a server. */
@FunctionalInterface
interface Launcher {
    /** @throws KoshiException SERVICE_UNAVAILABLE or NOT_FOUND when the server cannot be started or reached */
    Wire open(Wire.Listener listener) throws IOException;
}
