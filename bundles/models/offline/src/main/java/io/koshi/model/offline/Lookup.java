package io.koshi.model.offline;

import io.koshi.api.Trust;
import io.koshi.model.ModelRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds what the hub has heard and remembered about some words, and says where. Thread-safe. */
final class Lookup {
    private static final int MEMORIES = 5;
    private static final int LINES = 5;
    private static final int QUOTE = 240;
    private static final int MAX_WORDS = 500;

    private final Hub hub;

    Lookup(Hub hub) {
        this.hub = hub;
    }

    /** An answer in words: what was found and where, or that there is nothing. */
    String answer(String asked, ModelRequest request) {
        if (asked.isBlank()) {
            return "There were no words in that. " + Commands.HINT;
        }
        List<String> found = find(asked, request);
        if (found.isEmpty()) {
            return "I found nothing about that in " + where(request) + ". " + Commands.HINT;
        }
        return "Here is what I have about that:\n" + String.join("\n", found) + "\n" + Commands.HINT;
    }

    /** Lines to quote, memories first. */
    List<String> find(String asked, ModelRequest request) {
        String words = asked.length() <= MAX_WORDS ? asked : asked.substring(0, MAX_WORDS);
        List<String> found = new ArrayList<>();
        if (hub.has("memory.query") && request.trust() != Trust.LOW) {
            Map<String, Object> answer = hub.ask("memory.query", Map.of("query", words, "limit", (long) MEMORIES));
            for (Map<String, Object> memory : Hub.list(answer, "memories")) {
                found.add("- memory " + Hub.text(memory, "id") + " (" + day(memory, "createdAt") + ", from "
                        + Hub.text(memory, "source") + "): “" + quote(memory) + "”");
            }
        }
        if (hub.has("session.search")) {
            for (Map<String, Object> line : Hub.list(hub.ask("session.search", query(words, request)), "messages")) {
                if (!Hub.text(line, "role").equals("user") || same(Hub.text(line, "content"), asked)) {
                    continue;
                }
                found.add("- " + Hub.text(line, "sessionKey") + ", " + day(line, "at") + ", a person said: “"
                        + quote(line) + "”");
                if (found.size() >= MEMORIES + LINES) {
                    break;
                }
            }
        }
        return found;
    }

    /** Only the owner sees what was said in other conversations. */
    private static Map<String, Object> query(String words, ModelRequest request) {
        Map<String, Object> query = new LinkedHashMap<>();
        query.put("query", words);
        query.put("limit", 30L);
        if (request.trust() != Trust.HIGH) {
            query.put("sessionKey", request.sessionKey());
        }
        return query;
    }

    private static String where(ModelRequest request) {
        return switch (request.trust()) {
            case HIGH -> "memories and conversations";
            case MEDIUM -> "memories and this conversation";
            case LOW -> "this conversation";
        };
    }

    /** Being asked the same before is no answer. */
    private static boolean same(String content, String asked) {
        return content.strip().equalsIgnoreCase(asked) || content.startsWith("/");
    }

    private static String quote(Map<String, Object> data) {
        String line = Hub.text(data, "content").replaceAll("\\s+", " ").strip();
        if (line.length() <= QUOTE) {
            return line;
        }
        int end = Character.isHighSurrogate(line.charAt(QUOTE - 1)) ? QUOTE - 1 : QUOTE;
        return line.substring(0, end) + "…";
    }

    private static String day(Map<String, Object> data, String name) {
        String at = Hub.text(data, name);
        return at.length() >= 10 ? at.substring(0, 10) : at;
    }
}
