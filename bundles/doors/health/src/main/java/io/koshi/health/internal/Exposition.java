package io.koshi.health.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes metrics in Prometheus' text format 0.0.4. By hand: it is a few lines, and a library would cost more to load
 * than every figure here. Confined to one thread.
 */
final class Exposition {
    private final Map<String, StringBuilder> families = new LinkedHashMap<>();

    /** A figure that goes up and down. */
    void gauge(String name, String help, double value, String... labels) {
        sample(name, "gauge", help, value, labels);
    }

    /** A figure that only goes up; its name ends in {@code _total}. */
    void counter(String name, String help, double value, String... labels) {
        sample(name, "counter", help, value, labels);
    }

    byte[] bytes() {
        StringBuilder all = new StringBuilder();
        families.values().forEach(all::append);
        return all.toString().getBytes(UTF_8);
    }

    private void sample(String name, String type, String help, double value, String... labels) {
        StringBuilder family = families.computeIfAbsent(
                name,
                fresh -> new StringBuilder("# HELP ")
                        .append(name)
                        .append(' ')
                        .append(help.replace("\\", "\\\\").replace("\n", "\\n"))
                        .append("\n# TYPE ")
                        .append(name)
                        .append(' ')
                        .append(type)
                        .append('\n'));
        family.append(name);
        for (int i = 0; i + 1 < labels.length; i += 2) {
            family.append(i == 0 ? '{' : ',')
                    .append(labels[i])
                    .append("=\"")
                    .append(escaped(labels[i + 1]))
                    .append('"');
        }
        family.append(labels.length > 1 ? "} " : " ").append(number(value)).append('\n');
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
