package io.koshi.cli;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** {@code koshi status}: what the daemon says of itself, and of nothing else. */
final class Status {
    private Status() {}

    static int run(Words words, Invocation call) throws IOException {
        boolean dump = words.flag("--dump");
        words.done();
        try (Link link = call.connect()) {
            Map<?, ?> status = link.ask("hub.status", dump ? Map.of("dump", true) : Map.of(), Invocation.DEADLINE_MS);
            if (!call.printed(status)) {
                call.out().print(text(status));
            }
            return 0;
        } catch (java.io.EOFException e) {
            throw call.gone();
        }
    }

    private static String text(Map<?, ?> status) {
        StringBuilder out = new StringBuilder(512);
        out.append(status.get("name")).append(' ').append(status.get("version")).append(" is ");
        out.append(status.get("state")).append(", pid ").append(status.get("pid"));
        out.append(", up ").append(Figures.words(status.get("uptimeMs"))).append('\n');
        line(out, "home", status.get("home"));
        if (status.get("config") instanceof Map<?, ?> config) {
            boolean lastGood = Boolean.TRUE.equals(config.get("lastGood"));
            line(out, "config", config.get("file") + (lastGood ? " is bad; the last good one serves" : ""));
        }
        if (status.get("http") instanceof Map<?, ?> http) {
            line(out, "http", "http://" + http.get("host") + ":" + http.get("port"));
        }
        if (status.get("channels") instanceof List<?> channels) {
            for (Object each : channels) {
                Map<?, ?> channel = (Map<?, ?>) each;
                Object detail = channel.get("detail");
                line(
                        out,
                        "channel",
                        channel.get("name") + " " + channel.get("state") + (detail == null ? "" : ": " + detail));
            }
        }
        numbers(out, status, "buffer", "unrouted", "dead");
        if (status.get("buffer") instanceof Map<?, ?> buffer && Boolean.TRUE.equals(buffer.get("warn"))) {
            line(out, "warning", "the buffer is deeper than buffer.warnDepth; see 'koshi buffer depth'");
        }
        numbers(out, status, "outbox", "pending", "dead");
        if (status.get("memory") instanceof Map<?, ?> memory) {
            line(out, "memory", memory.get("count") + " kept, " + memory.get("core") + " core");
        }
        if (status.get("sessions") != null) {
            line(out, "sessions", status.get("sessions"));
        }
        numbers(out, status, "runs", "active", "queued");
        numbers(out, status, "tasks", "queued", "leased", "failed");
        if (status.get("store") instanceof Map<?, ?> store) {
            line(
                    out,
                    "store",
                    Figures.bytes(store.get("bytes")) + ", write-ahead log " + Figures.bytes(store.get("walBytes"))
                            + ", " + Figures.bytes(store.get("freeDiskBytes")) + " free on its disk");
        }
        return out.toString();
    }

    private static void numbers(StringBuilder out, Map<?, ?> status, String block, String... names) {
        if (!(status.get(block) instanceof Map<?, ?> figures)) {
            return;
        }
        StringBuilder text = new StringBuilder();
        for (String name : names) {
            if (figures.get(name) != null) {
                text.append(text.length() == 0 ? "" : ", ")
                        .append(figures.get(name))
                        .append(' ')
                        .append(name);
            }
        }
        line(out, block, text);
    }

    private static void line(StringBuilder out, String name, Object value) {
        out.append(name);
        for (int i = name.length(); i < 10; i++) {
            out.append(' ');
        }
        out.append(value).append('\n');
    }
}
