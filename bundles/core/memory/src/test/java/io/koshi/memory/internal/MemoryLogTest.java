package io.koshi.memory.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.api.Trust;
import io.koshi.memory.Memories.Memory;
import io.koshi.memory.Memories.Note;
import io.koshi.memory.internal.MemoryLog.Change;
import io.koshi.memory.internal.MemoryLog.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryLogTest {
    @TempDir
    Path folder;

    /** Folds the log of random changes and compares it with the tables they left. */
    @Test
    void whatTheTablesHoldIsWhatTheLogSays() {
        Random random = new Random(3);
        try (Room room = new Room(folder)) {
            Recollection memories = room.recollection();
            for (int i = 0; i < 400; i++) {
                change(room, memories, random);
            }
            Map<Long, Map<String, Object>> said = new LinkedHashMap<>();
            Set<Long> archived = new HashSet<>();
            room.sqlite
                    .read(tx -> memories.log().after(tx, 0, 100_000))
                    .forEach(change -> fold(change, said, archived));

            Map<Long, Map<String, Object>> held = new LinkedHashMap<>();
            room.sqlite
                    .read(tx -> tx.query("SELECT * FROM memory", Kept::of))
                    .forEach(kept -> held.put(kept.id(), core(kept.data())));
            Set<Long> resting = new HashSet<>(
                    room.sqlite.read(tx -> tx.query("SELECT id FROM memory_archive", row -> row.number("id"))));
            room.sqlite
                    .read(tx -> tx.query("SELECT * FROM memory_archive", Kept::of))
                    .forEach(kept -> held.put(kept.id(), core(kept.data())));
            assertThat(held).isEqualTo(said).hasSizeGreaterThan(20);
            assertThat(archived).isEqualTo(resting).isNotEmpty();
        }
    }

    private void change(Room room, Recollection memories, Random random) {
        long id = 1 + random.nextInt(60);
        switch (random.nextInt(8)) {
            case 0 -> memories.reinforce(id);
            case 1 -> memories.demote(id);
            case 2 -> memories.forget(id);
            case 3 ->
                memories.update(id, "rewritten " + random.nextInt(1_000_000), Optional.of(List.of("t")), Trust.MEDIUM);
            case 4 -> memories.sleep(Duration.ofSeconds(5));
            case 5 -> {
                List<Memory> live = memories.newest(Optional.empty(), 100);
                room.configure(Map.of("memory", Map.of("maxEntries", Math.max(1, live.size() - 1))));
                memories.prune();
            }
            default -> {
                String content = "fact " + random.nextInt(80);
                Trust trust = Trust.values()[random.nextInt(3)];
                room.sqlite.writeNow(tx -> memories.store(tx, Note.of(content, List.of("a"), "test", trust)));
            }
        }
    }

    private static void fold(Change change, Map<Long, Map<String, Object>> said, Set<Long> archived) {
        if (change.kind() == Kind.FORGOTTEN) {
            said.remove(change.memory());
            archived.remove(change.memory());
        } else if (change.kind() == Kind.ARCHIVED) {
            archived.add(change.memory());
        } else if (change.kind() == Kind.RESTORED) {
            archived.remove(change.memory());
        } else {
            said.computeIfAbsent(change.memory(), id -> new LinkedHashMap<>()).putAll(core(change.detail()));
        }
    }

    /** What a change may say; when it was of use is the entry's own time. */
    private static Map<String, Object> core(Map<String, Object> data) {
        Map<String, Object> core = new LinkedHashMap<>(data);
        core.remove("lastHitAt");
        core.remove("confidence"); // rounded at each step there, at the end here
        core.replaceAll((name, value) -> value instanceof List<?> list ? List.copyOf(list) : value);
        return core;
    }
}
