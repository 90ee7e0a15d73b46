package io.koshi.api;

import java.util.List;

/**
 * Entries of one conversation that the batch window gathered, in order of acceptance; never empty.
 *
 * @param id a ULID of the batch's own
 */
public record Batch(String id, Address from, List<Entry> entries) {
    public Batch {
        entries = List.copyOf(entries);
        if (entries.isEmpty()) {
            throw new IllegalArgumentException("a batch has at least one entry");
        }
    }

    public Entry first() {
        return entries.get(0);
    }

    public List<String> ids() {
        return entries.stream().map(Entry::id).toList();
    }
}
