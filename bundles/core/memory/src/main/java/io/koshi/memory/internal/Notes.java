package io.koshi.memory.internal;

import io.koshi.api.Trust;
import io.koshi.memory.Memories.Note;
import io.koshi.memory.Memories.Tier;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Makes rows of what is said for the first time. */
final class Notes {
    private Notes() {}

    static Kept fresh(String content, List<String> tags, String source, Tier tier, Trust trust) {
        return fresh(
                content,
                new Note(content, tags, source, trust, tier, Optional.empty(), Optional.empty(), Optional.empty()));
    }

    /** @param content what was left of the note's own once cleaned */
    static Kept fresh(String content, Note note) {
        return new Kept(
                0,
                content,
                note.tags(),
                note.source(),
                note.tier(),
                note.trust(),
                0,
                note.sessionKey(),
                note.narrativeId(),
                note.taskId(),
                Instant.now(),
                Optional.empty(),
                Confidence.of(note.trust()));
    }
}
