package io.koshi.memory.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import io.koshi.memory.Memories.Memory;
import io.koshi.memory.Memories.Note;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MeaningTest {
    @TempDir
    Path folder;

    private Room room;
    private FakeEmbeddings service;
    private Recollection memories;

    @BeforeEach
    void open() throws Exception {
        service = new FakeEmbeddings();
        room = new Room(folder);
        configure(service.endpoint(), "grams");
        memories = room.recollection();
    }

    @AfterEach
    void close() {
        service.close();
        room.close();
    }

    private void configure(String endpoint, String model) {
        Map<String, Object> embeddings = new HashMap<>();
        embeddings.put("endpoint", endpoint);
        embeddings.put("model", model);
        embeddings.put("apiKey", "k");
        embeddings.put("waitMs", 5000);
        room.configure(Map.of("memory", Map.of("embeddings", embeddings)));
    }

    @Test
    void findsWhatWordsAloneDoNot() {
        store("The harbourmaster's telephone number is 555 0199");
        store("Grandmother bakes on Sundays");
        embedded(2);

        assertThat(contents("harbourmasters phone")).first().asString().startsWith("The harbourmaster");
        assertThat(contents("telephon")).containsExactly("The harbourmaster's telephone number is 555 0199");
        assertThat(service.keys).containsOnly("Bearer k");
        assertThat(room.embedded).isEqualTo(Map.of("EMBEDDING grams", 3L * service.texts.get()));
        assertThat(memories.query("harbourmaster telephone number", 1).get(0).rank())
                .isEqualTo(1);
    }

    @Test
    void speaksOllamaToo() {
        configure(service.ollama(), "grams");
        store("Grandmother bakes on Sundays");
        embedded(1);
        assertThat(contents("grandmothe")).hasSize(1);
        assertThat(room.embedded).isEqualTo(Map.of("EMBEDDING grams", 3L * service.texts.get()));
    }

    @Test
    void fetchesVectorsForMemoriesOlderThanTheService() {
        room.configure(Map.of());
        for (int i = 0; i < 100; i++) {
            store("fact number " + i);
        }
        assertThat(memories.stats().embedded()).isZero();
        configure(service.endpoint(), "grams");
        memories.embed();
        embedded(100);
        int asked = service.texts.get();
        memories.embed();
        room.quiet();
        assertThat(asked).isEqualTo(100);

        configure(service.endpoint(), "other grams");
        memories.embed();
        await().until(() -> room.sqlite.<Long>read(
                        tx -> tx.number("SELECT COUNT(*) FROM memory_vector WHERE model = 'other grams'"))
                == 100);
        assertThat(room.sqlite.<Long>read(tx -> tx.number("SELECT COUNT(*) FROM memory_vector")))
                .isEqualTo(100);
    }

    @Test
    void findsTheNewWordsOfARewrittenMemoryAndNothingOfAForgottenOne() {
        long id = store("Grandmother bakes on Sundays");
        long gone = store("The boatswain whistles at dawn");
        embedded(2);
        memories.update(id, "The gardener prunes in autumn", Optional.empty(), Trust.HIGH);
        memories.forget(gone);
        await().until(() -> service.texts.get() >= 3 && memories.stats().embedded() == 1);
        assertThat(contents("gardenin")).containsExactly("The gardener prunes in autumn");
        assertThat(contents("boatswai")).doesNotContain("The boatswain whistles at dawn");
    }

    @Test
    void aServiceThatIsDownCostsNoSearchAnything() {
        store("Grandmother bakes on Sundays");
        embedded(1);
        service.close();
        assertThat(contents("grandmother")).hasSize(1);
        long begin = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            assertThat(contents("grandmother " + i)).hasSize(1);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .as("twenty waits would take a hundred seconds")
                .isLessThan(Duration.ofSeconds(50));
    }

    @Test
    void aServiceThatNeverAnswersIsWaitedForOnce() {
        store("Grandmother bakes on Sundays");
        embedded(1);
        service.hang.set(true);
        assertThat(contents("grandmother first")).hasSize(1);
        int asked = service.asked.get();
        long begin = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            assertThat(contents("grandmother " + i)).hasSize(1);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .as("twenty waits would take a hundred seconds")
                .isLessThan(Duration.ofSeconds(50));
        assertThat(service.asked.get())
                .as("asked again half a minute later at the earliest")
                .isLessThan(asked + 3);
    }

    @Test
    void storingNeverWaitsForTheService() {
        service.hang.set(true);
        long begin = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            store("fact " + i);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(50));
        assertThat(memories.query("fact", 30)).hasSize(20);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{}",
                "{\"data\":[]}",
                "{\"data\":[{\"embedding\":[]}]}",
                "{\"data\":[{\"embedding\":[\"x\"]}]}",
                "{\"data\":[{\"embedding\":[1e999]}]}",
                "{\"data\":[7]}",
                "{\"embeddings\":[[1],[2]]}",
                "{\"data\":[{\"index\":7,\"embedding\":[1]}]}"
            })
    void whatTheServiceGarblesIsRefused(String garbage) {
        service.garbage.set(garbage);
        EmbeddingService asked = new EmbeddingService(room.http, room.codec, room, room.pools.work());
        assertThat(asked.vectors(
                        room.config().memory().embeddings().orElseThrow(), List.of("x"), Duration.ofSeconds(10)))
                .failsWithin(Duration.ofMinutes(1))
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(KoshiException.class);
    }

    @Test
    void goesOnFetchingOnceTheServiceHasRecovered() {
        service.garbage.set("{}");
        store("Grandmother bakes on Sundays");
        await().until(() -> service.asked.get() > 0);
        assertThat(memories.stats().embedded()).isZero();
        service.garbage.set(null);
        embedded(1);
    }

    @Test
    void addressesBothKindsOfService() {
        assertThat(EmbeddingService.address("http://h/v1")).isEqualTo(URI.create("http://h/v1/embeddings"));
        assertThat(EmbeddingService.address("http://h/v1/embeddings/")).isEqualTo(URI.create("http://h/v1/embeddings"));
        assertThat(EmbeddingService.address("http://h:11434/api")).isEqualTo(URI.create("http://h:11434/api/embed"));
    }

    @Test
    void theNearestByBitsAreTheNearestByAngle() {
        Random random = new Random(7);
        int dimensions = 300;
        List<float[]> vectors = IntStream.range(0, 2000)
                .mapToObj(i -> randomUnit(random, dimensions))
                .toList();
        SignBits signs = new SignBits(dimensions);
        Neighbours neighbours = new Neighbours(signs.words());
        for (int i = 0; i < vectors.size(); i++) {
            neighbours.put(i, signs.of(vectors.get(i)));
        }
        int kept = 0;
        for (int q = 0; q < 50; q++) {
            float[] near = vectors.get(q * 31).clone();
            for (int i = 0; i < dimensions; i++) {
                near[i] += (float) random.nextGaussian() * 0.05f;
            }
            long wanted = q * 31L;
            kept += LongStream.of(neighbours.nearest(signs.of(Vector.unit(near)), 20))
                            .anyMatch(id -> id == wanted)
                    ? 1
                    : 0;
        }
        assertThat(kept).isEqualTo(50);
        neighbours.remove(0);
        neighbours.remove(1999);
        assertThat(neighbours.size()).isEqualTo(1998);
        assertThat(neighbours.nearest(signs.of(vectors.get(5)), 3)).contains(5L).doesNotContain(0L, 1999L);
    }

    private static float[] randomUnit(Random random, int dimensions) {
        float[] vector = new float[dimensions];
        for (int i = 0; i < dimensions; i++) {
            vector[i] = (float) random.nextGaussian();
        }
        return Vector.unit(vector);
    }

    private void embedded(int count) {
        await().until(() -> memories.stats().embedded() == count);
        // kept on disk first, searched right after
        await().until(() -> service.idle());
        room.quiet();
    }

    private List<String> contents(String words) {
        return memories.query(words, 5).stream().map(Memory::content).toList();
    }

    private long store(String content) {
        return room.sqlite.writeNow(tx -> memories.store(tx, Note.of(content, List.of(), "test", Trust.HIGH)));
    }
}
