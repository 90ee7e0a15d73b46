package io.koshi.memory.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetrievalTest {
    @TempDir
    Path folder;

    private final Retrieval retrieval = Retrieval.known();

    @Test
    void hasEnoughToBeMeasuredBy() {
        assertThat(retrieval.facts).hasSizeGreaterThanOrEqualTo(200);
        assertThat(retrieval.questions).hasSizeGreaterThanOrEqualTo(100);
        assertThat(retrieval.questions).allMatch(question -> retrieval.facts.containsKey(question.fact()));
    }

    @Test
    void wordsAloneAnswerMostQuestions() {
        try (Room room = new Room(folder)) {
            Recollection memories = room.recollection();
            retrieval.storeAll(room, memories);
            assertThat(retrieval.recall(memories, 5))
                    .as("missed %s", retrieval.missed())
                    .isGreaterThan(0.9);
            assertThat(retrieval.recall(memories, 1))
                    .as("missed %s", retrieval.missed())
                    .isGreaterThan(0.8);
        }
    }

    /** Questions that nothing was tuned by: what is printed by the bench holds for them too, with some room. */
    @Test
    void wordsAloneAnswerMostQuestionsThatWereNeverLookedAt() {
        Retrieval unseen = Retrieval.heldOut();
        assertThat(unseen.questions).hasSizeGreaterThanOrEqualTo(100);
        assertThat(unseen.questions).allMatch(question -> unseen.facts.containsKey(question.fact()));
        try (Room room = new Room(folder)) {
            Recollection memories = room.recollection();
            retrieval.storeAll(room, memories);
            unseen.storeAll(room, memories);
            assertThat(unseen.recall(memories, 5))
                    .as("missed %s", unseen.missed())
                    .isGreaterThan(0.8);
        }
    }

    @Test
    void spellingAddedToWordsLosesNothing() throws Exception {
        try (FakeEmbeddings service = new FakeEmbeddings();
                Room room = new Room(folder)) {
            room.configure(Map.of(
                    "memory",
                    Map.of("embeddings", Map.of("endpoint", service.endpoint(), "model", "grams", "waitMs", 5000))));
            Recollection memories = room.recollection();
            retrieval.storeAll(room, memories);
            await().until(() -> memories.stats().embedded() == retrieval.facts.size() && service.idle());
            room.quiet();
            assertThat(retrieval.recall(memories, 5))
                    .as("missed %s", retrieval.missed())
                    .isGreaterThan(0.95);
        }
    }
}
