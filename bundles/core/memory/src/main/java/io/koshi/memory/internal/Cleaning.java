package io.koshi.memory.internal;

import io.koshi.api.Trust;
import io.koshi.event.Events;
import io.koshi.store.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Takes out of what is to be remembered what would command a model, and tells of it. Thread-safe. */
final class Cleaning {
    private final Events events;

    Cleaning(Events events) {
        this.events = events;
    }

    /** The text without such parts; empty when nothing is left. */
    Optional<String> clean(Tx tx, String content, String source, Trust trust) {
        Injection.Cleaned cleaned = Injection.clean(Words.wellFormed(content));
        if (!cleaned.stripped().isEmpty()) {
            tell(tx, new MemoryEvents.Suspicion("injection_stripped", source, trust, cleaned.stripped()));
        }
        if (cleaned.text().codePoints().noneMatch(Character::isLetterOrDigit) && !hasSymbol(cleaned.text())) {
            tell(tx, new MemoryEvents.Suspicion("memory_rejected", source, trust, List.of()));
            return Optional.empty();
        }
        return Optional.of(cleaned.text());
    }

    /** An emoji says something too; punctuation alone does not. */
    private static boolean hasSymbol(String text) {
        return text.codePoints().anyMatch(c -> Character.getType(c) == Character.OTHER_SYMBOL);
    }

    private void tell(Tx tx, MemoryEvents.Suspicion suspicion) {
        String detail =
                suspicion.patterns().isEmpty() ? "nothing was left of it" : String.join(" ", suspicion.patterns());
        tx.update(
                "INSERT INTO security_event (kind, source, detail, at) VALUES (?, ?, ?, ?)",
                suspicion.kind(),
                suspicion.source(),
                detail,
                Instant.now());
        tx.afterCommit(() -> events.publish("memory", "memory.suspicious", suspicion));
    }
}
