package io.koshi.memory.internal;

import io.koshi.memory.Memories.Note;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Makes rows of what is said for the first time. */
final class Notes {
    private static final int LONGEST_SOURCE = 200;

    private Notes() {}

    /** @param content what was left of the note's own once cleaned */
    static Kept fresh(String content, Note note) {
        return new Kept(
                0,
                content,
                Tags.tidy(note.tags()),
                source(note.source()),
                note.tier(),
                note.trust(),
                0,
                note.sessionKey(),
                note.narrativeId(),
                note.taskId(),
                Instant.now().truncatedTo(ChronoUnit.MILLIS), // what the store keeps of it
                Optional.empty(),
                Confidence.of(note.trust()));
    }

    /** One line, so that it cannot pass for anything else where it is shown. */
    static String source(String source) {
        String line = Words.wellFormed(source).replaceAll("\\p{Cntrl}+", " ").strip();
        return line.length() <= LONGEST_SOURCE ? line : line.substring(0, LONGEST_SOURCE);
    }
}
