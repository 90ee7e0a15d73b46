package io.koshi.task.internal;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What workers need of tasks that were just made, so that their first lease reads nothing. Bounded: what does not fit
 * is read when it is leased. Told of changes in the order of their commits. Thread-safe.
 */
final class Fresh {
    static final int MOST = 4096;
    static final int MOST_CHARACTERS = 4_000_000;

    private final Map<Long, Book.Work> works = new HashMap<>();
    private long characters;

    synchronized void add(Book.Work work) {
        long more = size(work);
        if (works.size() < MOST && characters + more <= MOST_CHARACTERS) {
            works.put(work.facts().n(), work);
            characters += more;
        }
    }

    /** What is known of a task; from now on the disk alone knows it. */
    synchronized Optional<Book.Work> take(long n) {
        Book.Work work = works.remove(n);
        if (work != null) {
            characters -= size(work);
        }
        return Optional.ofNullable(work);
    }

    private static long size(Book.Work work) {
        return work.prompt().length()
                + work.systemPrompt().map(String::length).orElse(0)
                + work.context().map(String::length).orElse(0);
    }
}
