package io.koshi.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What {@code koshi task watch} shows, as lines that fit a terminal of any size. Thread-safe. */
final class TaskScreen {
    private static final String BOLD = "\033[1m";
    private static final String REVERSE = "\033[7m";
    private static final List<String> COUNTS =
            List.of("queued", "leased", "blocked", "waiting", "done", "failed", "cancelled");

    private TaskScreen() {}

    /**
     * What is shown.
     *
     * @param chosen the row under the cursor
     * @param filter the status that is shown, null for all
     * @param said the answer to the last key, null for none
     */
    record View(Map<?, ?> stats, List<?> tasks, int chosen, String filter, Map<?, ?> detail, String said) {}

    /** How many rows of the list fit. */
    static int room(int lines) {
        return Math.max(1, lines - head(lines) - foot(lines));
    }

    private static int head(int lines) {
        return lines < 6 ? 1 : lines < 12 ? 3 : 4;
    }

    private static int foot(int lines) {
        return lines < 6 ? 0 : lines < 20 ? 1 : 6;
    }

    static List<String> lines(View view, int height, int width, Instant now) {
        List<String> lines = new ArrayList<>();
        lines.add(REVERSE + fit(" koshi tasks   " + figures(view.stats()), width));
        if (head(height) > 1) {
            lines.add(fit(counts(view.stats(), view.filter()), width));
        }
        if (head(height) > 3) {
            lines.add("");
        }
        if (head(height) > 1) {
            lines.add(BOLD + fit(heading(width), width));
        }
        int room = room(height);
        int first = Math.max(0, view.chosen() - room + 1);
        for (int i = first; i < Math.min(view.tasks().size(), first + room); i++) {
            String row = fit(row((Map<?, ?>) view.tasks().get(i), width, now), width);
            lines.add((i == view.chosen()
                            ? REVERSE
                            : colour((Map<?, ?>) view.tasks().get(i)))
                    + row);
        }
        if (view.tasks().isEmpty()) {
            lines.add(fit("no tasks", width));
        }
        while (lines.size() < height - foot(height)) {
            lines.add("");
        }
        if (foot(height) > 1) {
            detail(view, width).forEach(line -> lines.add(fit(line, width)));
        }
        if (foot(height) > 0) {
            String keys = " q quit  f filter  \u2191\u2193 choose  a approve  t retry  x cancel";
            lines.add(REVERSE + fit(view.said() == null ? keys : " " + view.said(), width));
        }
        return lines.size() > height ? lines.subList(0, height) : lines;
    }

    private static String figures(Map<?, ?> stats) {
        Object mean = stats.get("meanSeconds");
        String seconds = mean instanceof Number number ? String.format("%.1f s", number.doubleValue()) : "-";
        return stats.get("total") + " in all, " + stats.get("doneLastHour") + " done in the last hour, " + seconds
                + " each";
    }

    private static String counts(Map<?, ?> stats, String filter) {
        StringBuilder line = new StringBuilder();
        for (String name : COUNTS) {
            boolean shown = name.equals(filter);
            line.append(shown ? " [" : "  ")
                    .append(name)
                    .append(' ')
                    .append(stats.get(name))
                    .append(shown ? "]" : "");
        }
        return line.toString();
    }

    private static String heading(int width) {
        return width < 60
                ? "     # status   what"
                : String.format(
                        "%6s %-9s %-6s %4s %-16s %8s  %s", "#", "status", "type", "prio", "worker", "since", "what");
    }

    private static String row(Map<?, ?> task, int width, Instant now) {
        String title = one(text(task, "title"));
        String words = one(text(task, "words"));
        String what = title.isEmpty() || words.isEmpty() ? title + words : title + " \u00b7 " + words;
        if (width < 60) {
            return String.format("%6s %-8s %s", task.get("number"), cut(text(task, "status"), 8), what);
        }
        return String.format(
                "%6s %-9s %-6s %4s %-16s %8s  %s",
                task.get("number"),
                text(task, "status"),
                text(task, "type"),
                task.get("priority"),
                cut(text(task, "worker"), 16),
                since(text(task, "updatedAt"), now),
                what);
    }

    private static String since(String at, Instant now) {
        if (at.isEmpty()) {
            return "-";
        }
        long seconds = Math.max(0, Duration.between(Instant.parse(at), now).toSeconds());
        return seconds < 120
                ? seconds + " s"
                : seconds < 7200
                        ? seconds / 60 + " min"
                        : seconds < 172800 ? seconds / 3600 + " h" : seconds / 86400 + " d";
    }

    private static List<String> detail(View view, int width) {
        List<String> lines = new ArrayList<>();
        Map<?, ?> task = view.detail() == null ? Map.of() : view.detail();
        lines.add("\u2500".repeat(Math.max(1, width)));
        lines.add(task.isEmpty() ? "" : text(task, "taskId") + "  " + attempts(task));
        lines.add(one(text(task, "prompt")));
        lines.add(task.get("split") instanceof Map ? TaskSplit.bar(task) : "");
        Object error = task.get("error") instanceof Map<?, ?> failure ? failure.get("message") : null;
        lines.add(error != null ? "error: " + one(error.toString()) : one(text(task, "result")));
        return lines;
    }

    private static String attempts(Map<?, ?> task) {
        int count = task.get("attempts") instanceof List<?> list ? list.size() : 0;
        return count + (count == 1 ? " try" : " tries") + " of " + task.get("maxAttempts");
    }

    private static String colour(Map<?, ?> task) {
        return switch (text(task, "status")) {
            case "leased" -> "\033[36m";
            case "done" -> "\033[32m";
            case "failed" -> "\033[31m";
            case "waiting" -> "\033[33m";
            case "cancelled", "blocked" -> "\033[2m";
            default -> "";
        };
    }

    private static String text(Map<?, ?> map, String name) {
        return map.get(name) instanceof String text ? text : "";
    }

    private static String one(String text) {
        return text.replaceAll("\\s+", " ").strip();
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - 1) + "\u2026";
    }

    /** Exactly as wide as the terminal, whatever is in it: control characters are taken out, wide ones count twice. */
    static String fit(String text, int width) {
        StringBuilder line = new StringBuilder(width);
        int used = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            int wide = width(c);
            if (wide < 0) {
                continue;
            }
            if (used + wide > width) {
                break;
            }
            line.appendCodePoint(c);
            used += wide;
        }
        return line.append(" ".repeat(width - used)).toString();
    }

    private static int width(int c) {
        if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
            return -1;
        }
        int type = Character.getType(c);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
            return 0;
        }
        boolean wide = c >= 0x1100 && c <= 0x115F
                || c >= 0x2E80 && c <= 0xA4CF
                || c >= 0xAC00 && c <= 0xD7A3
                || c >= 0xF900 && c <= 0xFAFF
                || c >= 0xFE30 && c <= 0xFE6F
                || c >= 0xFF00 && c <= 0xFF60
                || c >= 0x1F300 && c <= 0x1FAFF;
        return wide ? 2 : 1;
    }
}
