package io.koshi.memory.internal;

import io.koshi.api.Trust;
import io.koshi.memory.Memories.Memory;
import io.koshi.memory.Memories.Note;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Facts and questions about them, each of which one fact answers. The first set, in nine languages, was looked at while
 * the search was made; the held-out set, of other domains and in 23 languages, was written afterwards, and nothing may
 * be tuned by it.
 */
final class Retrieval {
    /** A question and the key of the fact that answers it. */
    record Question(String fact, String text) {}

    final Map<String, String> facts = new HashMap<>();
    final List<Question> questions = new ArrayList<>();
    private final List<String> missed = new ArrayList<>();

    private Retrieval(String folder) {
        lines(folder + "facts.txt").forEach(line -> facts.put(line.substring(0, 3), line.substring(4)));
        lines(folder + "questions.txt").forEach(line -> questions.add(new Question(line.substring(0, 3), line.substring(4))));
    }

    static Retrieval known() {
        return new Retrieval("");
    }

    static Retrieval heldOut() {
        return new Retrieval("heldout/");
    }

    void storeAll(Room room, Recollection memories) {
        room.sqlite.writeNow(tx -> {
            facts.values().forEach(fact -> memories.store(tx, Note.of(fact, List.of(), "test", Trust.HIGH)));
            return null;
        });
    }

    /** The share of questions whose fact is among the first so many found. */
    double recall(Recollection memories, int first) {
        missed.clear();
        for (Question question : questions) {
            String wanted = facts.get(question.fact());
            if (memories.query(question.text(), first, Recall.Where.LIVE).stream()
                    .map(Memory::content)
                    .noneMatch(wanted::equals)) {
                missed.add(question.text() + " → " + wanted);
            }
        }
        return 1 - (double) missed.size() / questions.size();
    }

    /** What the last {@link #recall} did not find. */
    List<String> missed() {
        return missed;
    }

    private static List<String> lines(String name) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                Retrieval.class.getResourceAsStream("/retrieval/" + name), StandardCharsets.UTF_8))) {
            return reader.lines().filter(line -> !line.isBlank()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
