package io.koshi.service.mcp;

import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What tools a server said it has, in a file: a server that is asked for nothing need not be started to say it again. What
 * another command or address said does not count. Thread-safe.
 */
record RememberedTools(Path file, Codec codec, String source) {
    /** Empty when nothing of this server is known, or it cannot be read. */
    Optional<List<?>> read() {
        try {
            Map<String, Object> kept = Json.object(codec.parseJson(Files.readAllBytes(file)));
            return kept.get("tools") instanceof List<?> tools && source.equals(kept.get("source"))
                    ? Optional.of(tools)
                    : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | KoshiException e) {
            return Optional.empty(); // then the server is asked
        }
    }

    synchronized void write(List<Object> tools) throws IOException {
        Files.createDirectories(file.getParent());
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.write(part, codec.json(Map.of("source", source, "tools", tools)));
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
