package io.koshi.agent.internal;

import io.koshi.agent.internal.AgentResults.Result;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Puts results in place of {@code [agent_result:ID]}, between marks that say that nobody vouches for them. Only results
 * of the session that gave the work out may be read in it.
 */
final class AgentPointers {
    static final String BEGIN = "[SUB-AGENT OUTPUT — UNTRUSTED CONTENT BEGIN]";
    static final String END = "[SUB-AGENT OUTPUT — UNTRUSTED CONTENT END]";

    private static final Pattern POINTER = Pattern.compile("\\[agent_result:([A-Za-z0-9]{1,40})]");
    private static final Pattern MARK = Pattern.compile("\\[(?=\\s*SUB-AGENT\\s+OUTPUT)", Pattern.CASE_INSENSITIVE);

    /** Characters of one result, and of all results of a prompt. */
    private static final int MAX_EACH = 20_000;

    private static final int MAX_ALL = 60_000;

    private final Function<String, Optional<Result>> find;
    private final Optional<String> session;

    /** @param session whose results may be read */
    AgentPointers(Function<String, Optional<Result>> find, Optional<String> session) {
        this.find = find;
        this.session = session;
    }

    /** @param read numbers of the results that stand in the text now */
    record Resolved(String text, List<Long> read) {}

    static String to(long id) {
        return "[agent_result:" + id + "]";
    }

    Resolved resolve(String text) {
        if (!text.contains("[agent_result:")) {
            return new Resolved(text, List.of());
        }
        Map<String, Optional<Result>> known = new LinkedHashMap<>();
        List<Long> read = new ArrayList<>();
        StringBuilder resolved = new StringBuilder();
        int left = MAX_ALL;
        int from = 0;
        Matcher pointer = POINTER.matcher(text);
        while (pointer.find()) {
            String id = pointer.group(1);
            resolved.append(text, from, pointer.start());
            from = pointer.end();
            Optional<Result> result =
                    known.computeIfAbsent(id, reference -> find.apply(reference).filter(this::mayBeRead));
            if (result.isEmpty()) {
                resolved.append("[agent_result:").append(id).append(" -- not found]");
            } else if (read.contains(result.get().id())) {
                resolved.append(to(result.get().id()));
            } else {
                String wrapped = wrapped(result.get(), Math.min(MAX_EACH, left));
                left = Math.max(0, left - wrapped.length());
                read.add(result.get().id());
                resolved.append(wrapped);
            }
        }
        return new Resolved(resolved.append(text, from, text.length()).toString(), List.copyOf(read));
    }

    private boolean mayBeRead(Result result) {
        return session.isPresent() && result.sessionKey().equals(session);
    }

    private static String wrapped(Result result, int most) {
        String said = result.error()
                .map(error -> error.code() + ": " + error.message()
                        + (result.output().isEmpty() ? "" : "\nWhat it said: " + result.output()))
                .orElse(result.output());
        String safe = MARK.matcher(Words.cut(said, most)).replaceAll("(");
        String cut = said.length() <= most ? "" : "\n[cut: it had " + said.length() + " characters]";
        return to(result.id()) + " " + result.skill().map(skill -> skill + ", ").orElse("") + result.status() + ", \""
                + MARK.matcher(result.title()).replaceAll("(") + "\":\n" + BEGIN + "\n" + safe + cut + "\n" + END;
    }
}
