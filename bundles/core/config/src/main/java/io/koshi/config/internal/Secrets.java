package io.koshi.config.internal;

import io.koshi.config.internal.YamlNode.Entry;
import io.koshi.config.internal.YamlNode.Mapping;
import io.koshi.config.internal.YamlNode.Scalar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.Set;

/**
 * What {@code secrets.yaml} holds, read when the first secret is asked for. The file is refused while others than its
 * owner can read it. Confined to one load.
 */
final class Secrets {
    private static final Set<PosixFilePermission> OPEN = Set.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private final Path file;
    private Mapping root;

    Secrets(Path file) {
        this.file = file;
    }

    /**
     * A secret by its dotted path.
     *
     * @throws IllegalArgumentException with a sentence when the file cannot be used
     */
    Optional<String> find(String path) {
        if (root == null) {
            root = read();
        }
        YamlNode at = root;
        for (String name : path.split("\\.")) {
            Entry entry = at instanceof Mapping mapping ? mapping.entry(name) : null;
            if (entry == null) {
                return Optional.empty();
            }
            at = entry.value();
        }
        return at instanceof Scalar scalar ? Optional.of(scalar.text()) : Optional.empty();
    }

    private Mapping read() {
        try {
            if (Files.notExists(file)) {
                throw new IllegalArgumentException("there is no " + file + "; add it with 'koshi secret set NAME'");
            }
            PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
            if (view != null && view.readAttributes().permissions().stream().anyMatch(OPEN::contains)) {
                throw new IllegalArgumentException(
                        file + " can be read by others; close it with 'chmod 600 " + file + "'");
            }
            return YamlReader.read(Files.readString(file));
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e.getMessage(), e);
        } catch (FaultyText e) {
            throw new IllegalArgumentException(e.faults().get(0).in(file.toString()), e);
        }
    }
}
