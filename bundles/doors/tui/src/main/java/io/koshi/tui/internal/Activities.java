package io.koshi.tui.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

/**
 * What the agent is doing in each conversation, as the older terminal shows it in its status line: the state, the tool,
 * tokens and cost since the door was opened, how full the context is, and who works for it. Thread-safe.
 */
final class Activities {
    private static final int MOST = 1000;

    private final IntSupplier contextLimit;
    private final Map<String, Line> lines = new Newest<>();
    private final Map<String, Worker> workers = new Newest<>(); // an end may fall into a gap of events

    /** @param contextLimit in tokens */
    Activities(IntSupplier contextLimit) {
        this.contextLimit = contextLimit;
    }

    /** Those that were used last. */
    private static final class Newest<T> extends LinkedHashMap<String, T> {
        private static final long serialVersionUID = 1L;

        Newest() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, T> eldest) {
            return size() > MOST;
        }
    }

    /** A specialist that works for a run of the main agent. */
    private record Worker(String id, String parent, String skill) {}

    /** What is known of a conversation. Guarded by the activities. */
    private static final class Line {
        private String state = "idle";
        private String tool = "";
        private String model = "";
        private String run = "";
        private long began = System.nanoTime();
        private long tokensIn;
        private long tokensOut;
        private double costUsd;
        private long contextTokens;
    }

    /**
     * What an event changed.
     *
     * @param activity null where nothing did
     */
    record Shown(String sessionKey, Map<String, Object> activity) {}

    /** Takes one {@code run.*} event. */
    synchronized Shown heard(String topic, Map<?, ?> payload) {
        String session = text(payload, "sessionKey");
        String run = text(payload, "runId");
        Worker worker = workers.get(run);
        if (payload.get("parentRunId") instanceof String parent) {
            workers.put(run, new Worker(run, parent, text(payload, "skill")));
            return ofParent(parent);
        }
        if (worker != null) {
            if (topic.equals("run.completed")) {
                workers.remove(run);
            }
            return ofParent(worker.parent());
        }
        Line line = lines.computeIfAbsent(session, key -> new Line());
        String before = line.state + line.tool;
        change(line, topic, run, payload);
        boolean same = before.equals(line.state + line.tool) && topic.equals("run.delta");
        return new Shown(session, same ? null : shown(session, line));
    }

    private static void change(Line line, String topic, String run, Map<?, ?> payload) {
        switch (topic) {
            case "run.started" -> {
                line.run = run;
                line.model = text(payload, "model");
                line.began = System.nanoTime();
                line.state = "thinking";
            }
            case "run.delta" -> {
                line.state = "streaming";
                line.tool = "";
            }
            case "run.tool" -> {
                boolean on = text(payload, "phase").equals("start");
                line.state = on ? "tool_call" : "thinking";
                line.tool = on ? text(payload, "name") : "";
            }
            case "run.completed" -> {
                line.state = "idle";
                line.tool = "";
                line.costUsd += payload.get("cost") instanceof Number cost ? cost.doubleValue() : 0;
                if (payload.get("usage") instanceof Map<?, ?> usage) {
                    line.tokensIn += number(usage, "inputTokens")
                            + number(usage, "cacheReadTokens")
                            + number(usage, "cacheWriteTokens");
                    line.tokensOut += number(usage, "outputTokens");
                }
            }
            default -> {} // a failed attempt: the next one says that it starts, or the run ends
        }
    }

    /** Notes how much of the context a conversation fills. */
    synchronized Map<String, Object> measured(String session, long contextTokens) {
        Line line = lines.computeIfAbsent(session, key -> new Line());
        line.contextTokens = contextTokens;
        return shown(session, line);
    }

    private Shown ofParent(String parent) {
        for (Map.Entry<String, Line> each : lines.entrySet()) {
            if (each.getValue().run.equals(parent)) {
                return new Shown(each.getKey(), shown(each.getKey(), each.getValue()));
            }
        }
        return new Shown("", null);
    }

    private Map<String, Object> shown(String session, Line line) {
        int limit = contextLimit.getAsInt();
        List<Map<String, Object>> agents = new ArrayList<>();
        for (Worker worker : workers.values()) {
            if (worker.parent().equals(line.run)) {
                agents.add(Map.of("id", worker.id(), "skill", worker.skill()));
            }
        }
        Map<String, Object> words = Words.of("activity", "state", line.state);
        if (!line.tool.isEmpty()) {
            words.put("tool", line.tool);
        }
        words.put("elapsed", line.state.equals("idle") ? 0.0 : (System.nanoTime() - line.began) / 1_000_000 / 1000.0);
        words.put("model", line.model);
        words.put("session", session);
        words.put("tokensIn", line.tokensIn);
        words.put("tokensOut", line.tokensOut);
        words.put("costUsd", line.costUsd);
        words.put("contextTokens", line.contextTokens);
        words.put("contextLimit", limit);
        words.put("contextPercent", Math.round(1000.0 * line.contextTokens / limit) / 10.0);
        words.put("agents", agents);
        return words;
    }

    private static String text(Map<?, ?> payload, String name) {
        return payload.get(name) instanceof String text ? text : "";
    }

    private static long number(Map<?, ?> payload, String name) {
        return payload.get(name) instanceof Number number ? number.longValue() : 0;
    }
}
