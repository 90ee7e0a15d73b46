package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AsidesTest {
    @TempDir
    Path home;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void aPersonAtThePromptReadsWhatTheHubAsksAndHasThePromptAgain() throws Exception {
        CompletableFuture<FakeDaemon.Client> listener = new CompletableFuture<>();
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.on("gateway.subscribe", (params, client) -> {
                listener.complete(client);
                return Map.of("epoch", "e", "seq", 0L, "replayed", 0L);
            });
            PrintStream shown = new PrintStream(out, true, UTF_8);
            Invocation call = new Invocation(
                    Place.of(home.toString(), Map.of()),
                    false,
                    false,
                    null,
                    Map.of(),
                    InputStream.nullInputStream(),
                    shown,
                    shown);
            try (Asides asides = Asides.open(call, "main").orElseThrow()) {
                asides.ask();
                FakeDaemon.Client hubs = listener.join();
                hubs.event("console.reply", Map.of("conversation", "main", "inReplyTo", "m1", "text", "an answer"), 1);
                hubs.event("console.reply", Map.of("conversation", "other", "text", "elsewhere"), 2);
                hubs.event("console.reply", Map.of("conversation", "main", "text", "May I?"), 3);

                await().until(() -> out.toString(UTF_8).equals("> \rMay I?\n> "));

                asides.taken();
                hubs.event("console.reply", Map.of("conversation", "main", "text", "It is done."), 4);
                await().until(() -> out.toString(UTF_8).endsWith("> \nIt is done.\n"));
            }
            assertThat(Asides.of(Map.of("event", "run.delta", "payload", Map.of()), "main"))
                    .isEmpty();
        }
    }
}
