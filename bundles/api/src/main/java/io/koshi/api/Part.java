package io.koshi.api;

import java.util.Objects;
import java.util.Optional;

/** One piece of a message: words, or a blob kept in the hub's blob store and named by reference. */
public sealed interface Part {
    /** Words, as Unicode text without markup unless the platform's own. */
    record Text(String text) implements Part {
        public Text {
            Objects.requireNonNull(text, "text");
        }
    }

    /**
     * Bytes kept outside the message.
     *
     * @param ref the reference {@link Blobs#put} gave
     * @param mediaType for example {@code image/png} (RFC 6838)
     * @param name the file name the sender gave
     * @param size bytes
     */
    record Blob(String ref, String mediaType, Optional<String> name, long size) implements Part {
        public Blob {
            Objects.requireNonNull(ref, "ref");
            Objects.requireNonNull(mediaType, "mediaType");
            Objects.requireNonNull(name, "name");
        }
    }

    static Part text(String text) {
        return new Text(text);
    }
}
