package io.koshi.auth.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The name of the user this process runs as, as the system says it of a socket's peer. */
final class OwnUser {
    private OwnUser() {}

    /** @param home the directory only that user can enter; asked where the JVM knows no name for a user id */
    static String name(Path home) {
        String name = System.getProperty("user.name");
        if (name != null && !name.isBlank() && !name.equals("?")) {
            return name;
        }
        try {
            return Files.getOwner(home).getName();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot tell which user owns " + home, e);
        }
    }
}
