package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The older swarm's wire at a hub that nobody has used yet, as an outsider knows it. */
class SwarmWireIT {
    @TempDir
    Path home;

    @Test
    void anOutsiderIsAnsweredAsTheWireSaysByteByByte() throws Exception {
        try (Daemon daemon = Daemon.in(home)
                .config("http: { port: 0 }\ndoors: { swarm: { port: 0, rest: 0, lineSeconds: 600 } }\n")
                .start()) {
            await().until(() -> door(daemon, "port") > 0 && door(daemon, "rest") > 0);
            Path script = home.resolve("SwarmOutsider.py");
            try (var in = SwarmWireIT.class.getResourceAsStream("/swarm/SwarmOutsider.py")) {
                Files.write(script, in.readAllBytes());
            }
            Path said = home.resolve("outsider.log");
            Process outsider = new ProcessBuilder(
                            "python3", script.toString(), "" + door(daemon, "port"), "" + door(daemon, "rest"))
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            boolean ended = outsider.waitFor(300, TimeUnit.SECONDS);
            outsider.destroyForcibly();
            assertThat(Files.readString(said)).isEqualTo("fine\n");
            assertThat(ended).isTrue();
        }
    }

    private static int door(Daemon daemon, String name) throws IOException {
        for (JsonNode part : daemon.call("hub.health", Map.of()).path("parts")) {
            if (part.path("name").asText().equals("swarm")) {
                return part.path("data").path(name).asInt();
            }
        }
        return 0;
    }
}
