package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fresh hub without any key remembers, finds, survives a kill and a stop, and gives its memories away whole. */
class MemoryIT {
    @TempDir
    Path home;

    @Test
    void aFreshHubWithoutAKeyFindsWhatItWasTold() throws Exception {
        try (Daemon daemon = Daemon.in(home).config("http: { port: 0 }\n").start()) {
            for (String note :
                    List.of("Ann's birthday is on 3 May", "The café in Jyväskylä opens at nine", "服务器在东京机房")) {
                daemon.call("memory.store", Map.of("content", note));
            }
            daemon.call("memory.store", Map.of("content", "ann's BIRTHDAY is on 3 May"));

            assertThat(found(daemon, "when are birthdays?")).isEqualTo("Ann's birthday is on 3 May");
            assertThat(found(daemon, "cafe jyvaskyla")).isEqualTo("The café in Jyväskylä opens at nine");
            assertThat(found(daemon, "东京的服务器在哪里")).isEqualTo("服务器在东京机房");
            JsonNode stats = daemon.call("memory.stats", Map.of());
            assertThat(stats.path("count").asLong()).isEqualTo(3);
            assertThat(stats.path("indexed").asLong()).isEqualTo(3);
            assertThat(daemon.call("hub.status", Map.of())
                            .path("memory")
                            .path("count")
                            .asLong())
                    .isEqualTo(3);
            assertThat(daemon.call("tool.list", Map.of()).toString())
                    .contains("memory_query", "memory_store", "memory_reinforce", "memory_demote", "memory_update");

            daemon.kill();
        }
        try (Daemon daemon = Daemon.in(home).start()) {
            assertThat(found(daemon, "birthday")).isEqualTo("Ann's birthday is on 3 May");
            daemon.stop();
        }
        try (Daemon daemon = Daemon.in(home).start()) {
            JsonNode stats = daemon.call("memory.stats", Map.of());
            for (int i = 0; i < 5 && !stats.has("sleptAt"); i++) { // a stop waits for two seconds of it, no longer
                daemon.stop();
                daemon.restart();
                stats = daemon.call("memory.stats", Map.of());
            }
            assertThat(stats.path("sleptAt").asText())
                    .as("it slept at the stop")
                    .isNotEmpty();
            assertThat(stats.path("tiers").path("semantic").asLong()).isEqualTo(3);

            Path file = home.resolve("memories.md");
            assertThat(KoshiCommand.in(home)
                            .run("memories", "export", "--markdown", "-o", file.toString())
                            .exit())
                    .isZero();
            assertThat(Files.readString(file)).contains("服务器在东京机房");
            assertThat(KoshiCommand.in(home).run("memories", "wipe", "--yes").exit())
                    .isZero();
            assertThat(KoshiCommand.in(home)
                            .run("memories", "import", file.toString())
                            .out())
                    .contains("3 memories are new");
            assertThat(found(daemon, "东京")).isEqualTo("服务器在东京机房");
        }
    }

    private static String found(Daemon daemon, String words) throws Exception {
        return daemon.call("memory.query", Map.of("query", words))
                .path("memories")
                .path(0)
                .path("content")
                .asText();
    }
}
