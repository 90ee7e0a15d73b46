package io.koshi.model.offline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.model.ModelMessage;
import io.koshi.model.ModelRequest;
import io.koshi.rpc.Caller;
import io.koshi.rpc.MethodInfo;
import io.koshi.rpc.Registry;
import io.koshi.rpc.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class OfflineModelTest {
    private final Book book = new Book();
    private final OfflineModel model = new OfflineModel(book, new RecordCodec());
    private final List<String> deltas = new ArrayList<>();

    @Test
    void quotesWhatItFoundAndSaysWhereWhenAndWho() throws Exception {
        book.offer(
                "memory.query",
                Scope.READ,
                p -> Map.of(
                        "memories",
                        List.of(Map.of(
                                "id", 7L,
                                "content", "Ann's birthday is on 3 May",
                                "source", "chat",
                                "createdAt", "2026-05-01T10:00:00Z"))));
        book.offer(
                "session.search",
                Scope.READ,
                p -> Map.of(
                        "messages",
                        List.of(
                                line("user", "Ann wants a bicycle for her birthday"),
                                line("user", "when is ann's birthday?"),
                                line("assistant", "I found nothing about birthday"))));

        String answer = ask("When is Ann's birthday?", Trust.HIGH);

        assertThat(answer)
                .contains("memory 7 (2026-05-01, from chat): “Ann's birthday is on 3 May”")
                .contains("telegram:42, 2026-04-02, a person said: “Ann wants a bicycle for her birthday”")
                .doesNotContain("when is ann's birthday?")
                .doesNotContain("I found nothing")
                .contains("No language model is configured");
        assertThat(String.join("", deltas)).isEqualTo(answer);
        assertThat(deltas).hasSizeGreaterThan(2);
    }

    @Test
    void saysPlainlyThatThereIsNothingAndIsNoEcho() throws Exception {
        book.offer("memory.query", Scope.READ, p -> Map.of("memories", List.of()));
        book.offer("session.search", Scope.READ, p -> Map.of("messages", List.of()));

        assertThat(ask("flibbertigibbet", Trust.HIGH))
                .startsWith("I found nothing about that in memories and conversations.")
                .doesNotContain("flibbertigibbet");
    }

    @Test
    void looksIntoMemoryAndForgetsForItsOwnerOnly() throws Exception {
        Map<String, Object> ann = Map.of("id", 7L, "score", 3L, "tier", "semantic", "content", "Ann likes tea");
        book.offer("memory.query", Scope.READ, p -> Map.of("memories", List.of(ann)));
        book.offer("memory.peek", Scope.READ, p -> Map.of("memories", List.of()));
        book.offer("memory.stats", Scope.READ, p -> Map.of("count", 3L));
        book.offer(
                "memory.core",
                Scope.READ,
                p -> Map.of("core", List.of(ann), "quarantined", List.of(Map.of("reason", "so", "memory", ann))));
        book.offer(
                "memory.forget",
                Scope.WRITE,
                p -> Map.of("forgotten", p.get("id").equals(7L)));
        book.offer(
                "memory.sleep", Scope.WRITE, p -> Map.of("looked", 4L, "semantic", 2L, "core", 1L, "quarantined", 0L));

        assertThat(ask("/memory", Trust.HIGH)).isEqualTo("count: 3");
        assertThat(ask("/memory tea", Trust.HIGH)).isEqualTo("- [id:7] (score: 3, semantic) Ann likes tea");
        assertThat(ask("/memory show", Trust.HIGH)).isEqualTo("No memories found.");
        assertThat(ask("/memory core", Trust.HIGH)).contains("- Ann likes tea").contains("waiting for a person");
        assertThat(ask("/sleep", Trust.HIGH)).startsWith("Slept over 4 memories: 2 are settled");
        assertThat(ask("/forget #7", Trust.MEDIUM)).contains("Only the owner");
        assertThat(ask("/forget #7", Trust.HIGH)).isEqualTo("Memory #7 is gone.");
        assertThat(ask("/forget 9", Trust.HIGH)).isEqualTo("Memory #9 not found.");
        assertThat(ask("/forget it", Trust.HIGH)).startsWith("Say which memory");
    }

    @Test
    void keepsWhatItIsToldToRemember() throws Exception {
        book.offer(
                "memory.store", Scope.WRITE, p -> Map.of("id", p.get("content").equals("x") ? -1L : 12L));

        assertThat(ask("/remember the key is in the vault", Trust.MEDIUM)).isEqualTo("Stored memory #12");
        assertThat(book.asked.get("memory.store")).containsEntry("content", "the key is in the vault");
        assertThat(ask("/remember x", Trust.MEDIUM)).startsWith("I did not keep that");
        assertThat(ask("/remember", Trust.MEDIUM)).contains("/remember TEXT");
    }

    @Test
    void showsStatusTraceAndRoutesInWords() throws Exception {
        book.offer(
                "hub.status",
                Scope.READ,
                p -> Map.of(
                        "name",
                        "koshi",
                        "version",
                        "0.1.0",
                        "state",
                        "ready",
                        "channels",
                        List.of(Map.of("name", "console", "state", "connected")),
                        "buffer",
                        Map.of("unrouted", 3L, "dead", 0L),
                        "store",
                        Map.of("bytes", 5L << 20, "freeDiskBytes", 900L << 20)));
        book.offer(
                "hub.trace",
                Scope.READ,
                p -> Map.of(
                        "channel",
                        "github",
                        "conversation",
                        "o/r#1",
                        "state",
                        "done",
                        "hops",
                        List.of(Map.of("at", "2026-01-01T00:00:00Z", "hop", "routed", "detail", "rule pr"))));
        book.offer(
                "route.list",
                Scope.READ,
                p -> Map.of(
                        "routes",
                        List.of(Map.of("rule", "pr", "match", Map.of("channel", "github"), "action", "drop"))));

        assertThat(ask("/status", Trust.HIGH))
                .contains("koshi 0.1.0 is ready")
                .contains("channel console: connected")
                .contains("unrouted messages: 3")
                .contains("database: 5 MB, free disk: 900 MB");
        assertThat(ask("/trace 01ABC", Trust.HIGH))
                .contains("github:o/r#1 is done")
                .contains("routed rule pr");
        assertThat(ask("/routes", Trust.HIGH)).contains("- pr:").contains("drop");
        assertThat(ask("/help", Trust.HIGH)).contains("/recall WORDS");
        assertThat(ask("/dance", Trust.HIGH)).contains("I do not know /dance");
    }

    @Test
    void showsAStrangerNothingOfOthers() throws Exception {
        book.offer("memory.query", Scope.READ, p -> Map.of("memories", List.of(Map.of("id", 1L, "content", "secret"))));
        book.offer("session.search", Scope.READ, p -> Map.of("messages", List.of()));

        assertThat(ask("secret", Trust.LOW)).doesNotContain("“secret”");
        assertThat(book.asked.get("session.search")).containsEntry("sessionKey", "telegram:42");
        assertThat(ask("/status", Trust.LOW)).contains("people this hub knows");
        ask("secret", Trust.MEDIUM);
        assertThat(book.asked.get("session.search")).containsEntry("sessionKey", "telegram:42");
        ask("secret", Trust.HIGH);
        assertThat(book.asked.get("session.search")).doesNotContainKey("sessionKey");
    }

    @Test
    void mayBeTriedAgainWhenTheHubIsBusyAndSaysInWordsWhatCannotBeDone() throws Exception {
        book.offer("hub.trace", Scope.READ, p -> {
            throw KoshiException.notFound("there is no message 01ABC");
        });
        book.offer("hub.status", Scope.READ, p -> {
            throw new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "the store is away");
        });

        assertThat(ask("/trace 01ABC", Trust.HIGH)).isEqualTo("That did not work: there is no message 01ABC");
        assertThatThrownBy(() -> ask("/status", Trust.HIGH)).hasMessageContaining("the store is away");
    }

    @Test
    void answersWithoutTheRoomsItLooksIn() throws Exception {
        assertThat(ask("anything", Trust.HIGH)).startsWith("I found nothing");
        assertThat(ask("  ", Trust.HIGH)).startsWith("There were no words");
        assertThat(ask("/routes", Trust.HIGH)).contains("no rules to show");
    }

    @Test
    void cutsAnAnswerIntoPiecesThatMakeItUpAgain() {
        for (String text :
                List.of("", "a", "word ".repeat(500), "x".repeat(1000), "\n\n", "\uD83D\uDE00".repeat(200))) {
            assertThat(String.join("", Pieces.of(text))).isEqualTo(text);
            assertThat(Pieces.of(text)).allSatisfy(piece -> assertThat(piece).hasSizeBetween(1, 160));
        }
    }

    private String ask(String words, Trust trust) throws InterruptedException {
        deltas.clear();
        return model.stream(
                        new ModelRequest(
                                "telegram:42",
                                "run",
                                "",
                                List.of(ModelMessage.User.of(words)),
                                0,
                                List.of(),
                                100,
                                trust),
                        deltas::add)
                .text();
    }

    private static Map<String, Object> line(String role, String content) {
        return Map.of("sessionKey", "telegram:42", "role", role, "content", content, "at", "2026-04-02T08:00:00Z");
    }

    /** Methods a test offers; a caller without the scope is refused as by the hub. */
    private static final class Book implements Registry {
        private final Map<String, Function<Map<String, Object>, Object>> bodies = new HashMap<>();
        private final Map<String, MethodInfo> infos = new HashMap<>();
        final Map<String, Map<String, Object>> asked = new HashMap<>();

        void offer(String name, Scope scope, Function<Map<String, Object>, Object> body) {
            bodies.put(name, body);
            infos.put(name, new MethodInfo(name, "", scope, Map.of(), Map.of(), "test"));
        }

        @Override
        public Object ask(Caller caller, String method, Map<String, Object> params) {
            MethodInfo info = find(method)
                    .orElseThrow(() -> new KoshiException(ErrorCode.NO_HANDLER, "nobody answers " + method));
            if (!caller.may(info.noun(), info.scope())) {
                throw new KoshiException(ErrorCode.FORBIDDEN, caller.name() + " may not call " + method);
            }
            asked.put(method, params);
            return bodies.get(method).apply(params);
        }

        @Override
        public CompletionStage<Object> call(
                Caller caller, String method, Map<String, Object> params, Duration deadline) {
            return CompletableFuture.completedStage(ask(caller, method, params));
        }

        @Override
        public List<MethodInfo> methods() {
            return List.copyOf(infos.values());
        }

        @Override
        public Optional<MethodInfo> find(String method) {
            return Optional.ofNullable(infos.get(method));
        }
    }
}
