package io.koshi.model.offline;

import io.koshi.api.Trust;
import io.koshi.model.ModelRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The slash commands about what the hub remembers. Thread-safe. */
final class MemoryCommands {
    private static final long SHOWN = 10;

    private final Hub hub;

    MemoryCommands(Hub hub) {
        this.hub = hub;
    }

    /** {@code /memory [stats|core|show|WORDS]}. */
    String memory(String rest) {
        return switch (rest) {
            case "", "stats" -> stats();
            case "core" -> core();
            case "show" -> list(hub.ask("memory.peek", Map.of("limit", SHOWN)));
            default -> list(hub.ask("memory.query", Map.of("query", rest, "limit", SHOWN)));
        };
    }

    private String stats() {
        List<String> lines = new ArrayList<>();
        hub.ask("memory.stats", Map.of()).forEach((name, value) -> lines.add(name + ": " + value));
        return String.join("\n", lines);
    }

    private String core() {
        Map<String, Object> core = hub.ask("memory.core", Map.of());
        List<String> lines = new ArrayList<>();
        Hub.list(core, "core").forEach(memory -> lines.add("- " + Hub.text(memory, "content")));
        for (Map<String, Object> waiting : Hub.list(core, "quarantined")) {
            Map<String, Object> memory = Hub.object(waiting, "memory");
            lines.add("- waiting for a person, because " + Hub.text(waiting, "reason") + ": [id:"
                    + Hub.text(memory, "id") + "] " + Hub.text(memory, "content"));
        }
        return String.join("\n", lines);
    }

    private static String list(Map<String, Object> answer) {
        List<String> lines = new ArrayList<>();
        for (Map<String, Object> memory : Hub.list(answer, "memories")) {
            lines.add("- [id:" + Hub.text(memory, "id") + "] (score: " + Hub.text(memory, "score") + ", "
                    + Hub.text(memory, "tier") + ") " + Hub.text(memory, "content"));
        }
        return lines.isEmpty() ? "No memories found." : String.join("\n", lines);
    }

    /** Only the owner takes something away for good. */
    String forget(String id, ModelRequest request) {
        if (!id.matches("#?[0-9]{1,18}")) {
            return "Say which memory: /forget ID, as /memory show has it";
        }
        if (request.trust() != Trust.HIGH) {
            return "Only the owner of this hub may make it forget.";
        }
        long number = Long.parseLong(id.replace("#", ""));
        return Boolean.TRUE.equals(
                        hub.ask("memory.forget", Map.of("id", number)).get("forgotten"))
                ? "Memory #" + number + " is gone."
                : "Memory #" + number + " not found.";
    }

    String sleep() {
        Map<String, Object> dream = hub.ask("memory.sleep", Map.of());
        return "Slept over " + Hub.text(dream, "looked") + " memories: " + Hub.text(dream, "semantic")
                + " are settled now, " + Hub.text(dream, "core") + " became core, " + Hub.text(dream, "quarantined")
                + " wait for a person.";
    }
}
