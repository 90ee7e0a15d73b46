package io.koshi.cron.internal;

import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Registry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** When there is something to look after, how it is asked and what of the answer is said. Thread-safe. */
final class Heartbeats {
    /** What an agent answers that has nothing to say. */
    static final String OK = "HEARTBEAT_OK";

    private static final int MOST_CHARS = 20_000;
    private static final Caller CALLER = new Caller("cron", Set.of("agent.read"));

    private final Settings settings;
    private final Registry registry;
    private final Codec codec;

    Heartbeats(Settings settings, Registry registry, Codec codec) {
        this.codec = codec;
        this.settings = settings;
        this.registry = registry;
    }

    /** A job with what it is to look after, where it is a heartbeat. */
    Job ready(Job job) {
        return job.work() instanceof Work.Look look && look.words().isEmpty()
                ? job.doing(new Work.Look(look.heartbeat(), look.replyTo(), words(look)))
                : job;
    }

    /** Why there is no heartbeat now, empty when there is one and for all other work. */
    Optional<String> quiet(Job ready) {
        if (!(ready.work() instanceof Work.Look look)) {
            return Optional.empty();
        }
        if (look.words().isEmpty()) {
            return Optional.of(
                    "there is nothing to look after in " + look.heartbeat().file());
        }
        return busy(look.heartbeat().session())
                ? Optional.of("the session " + look.heartbeat().session() + " is busy")
                : Optional.empty();
    }

    private boolean busy(String session) {
        Object status = codec.toData(registry.ask(CALLER, "agent.status", Map.of("sessionKey", session)));
        return status instanceof Map<?, ?> map && map.get("runs") instanceof List<?> runs && !runs.isEmpty();
    }

    static String prompt(Work.Look look) {
        return "This is a heartbeat: nobody has written. Look after what follows, and say only what a person should know"
                + " now. When that is nothing, answer " + OK + " and nothing else.\n\n"
                + look.words();
    }

    /** What an answer says beside that all is well. */
    static Optional<String> said(String response) {
        String text = response.replaceAll("[*_`]*" + OK + "[*_`.!]*", "").strip();
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    /** The file's words; empty when there are none but headings, empty points and comments. */
    private String words(Work.Look look) {
        Path home = settings.home().toAbsolutePath().normalize();
        Path file = home.resolve(look.heartbeat().file()).normalize();
        if (!file.startsWith(home) || !Files.isRegularFile(file)) {
            return "";
        }
        try (var reader = Files.newBufferedReader(file)) {
            char[] begin = new char[MOST_CHARS];
            int length = 0;
            for (int n = 0; n >= 0 && length < MOST_CHARS; n = reader.read(begin, length, MOST_CHARS - length)) {
                length += n;
            }
            String text = new String(begin, 0, length);
            boolean blank = text.replaceAll("(?s)<!--.*?-->", "")
                    .lines()
                    .map(String::strip)
                    .allMatch(line -> line.isEmpty() || line.startsWith("#") || line.matches("[-*+]( \\[[ x]?])?"));
            return blank ? "" : text;
        } catch (IOException e) {
            return "";
        }
    }
}
