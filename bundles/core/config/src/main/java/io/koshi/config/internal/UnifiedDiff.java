package io.koshi.config.internal;

import java.util.List;

/** The lines that differ between two texts, as one hunk of a unified diff with three lines around it. */
final class UnifiedDiff {
    private static final int AROUND = 3;

    private UnifiedDiff() {}

    /** Empty when the texts are equal. */
    static String of(String name, String before, String after) {
        if (before.equals(after)) {
            return "";
        }
        List<String> a = before.lines().toList();
        List<String> b = after.lines().toList();
        int head = 0;
        while (head < a.size() && head < b.size() && a.get(head).equals(b.get(head))) {
            head++;
        }
        int tail = 0;
        while (tail < a.size() - head
                && tail < b.size() - head
                && a.get(a.size() - 1 - tail).equals(b.get(b.size() - 1 - tail))) {
            tail++;
        }
        int from = Math.max(0, head - AROUND);
        int endA = Math.min(a.size(), a.size() - tail + AROUND);
        int endB = Math.min(b.size(), b.size() - tail + AROUND);
        StringBuilder out = new StringBuilder("--- " + name + "\n+++ " + name + "\n");
        out.append("@@ -%d,%d +%d,%d @@\n".formatted(from + 1, endA - from, from + 1, endB - from));
        a.subList(from, head).forEach(line -> out.append(' ').append(line).append('\n'));
        a.subList(head, a.size() - tail)
                .forEach(line -> out.append('-').append(line).append('\n'));
        b.subList(head, b.size() - tail)
                .forEach(line -> out.append('+').append(line).append('\n'));
        a.subList(a.size() - tail, endA)
                .forEach(line -> out.append(' ').append(line).append('\n'));
        return out.toString();
    }
}
