package io.koshi.frame.internal;

import java.util.List;

/** Tells which topics a pattern means: {@code *} stands for one segment, at the end for anything. */
final class Topics {
    private Topics() {}

    static boolean match(List<String> patterns, String topic) {
        for (String pattern : patterns) {
            if (match(pattern, topic)) {
                return true;
            }
        }
        return false;
    }

    private static boolean match(String pattern, String topic) {
        if (pattern.indexOf('*') < 0) {
            return pattern.equals(topic);
        }
        int p = 0;
        int t = 0;
        while (p < pattern.length()) {
            char c = pattern.charAt(p);
            if (c == '*' && p == pattern.length() - 1) {
                return true;
            }
            if (c == '*') {
                int dot = topic.indexOf('.', t);
                t = dot < 0 ? topic.length() : dot;
            } else if (t >= topic.length() || topic.charAt(t++) != c) {
                return false;
            }
            p++;
        }
        return t == topic.length();
    }
}
