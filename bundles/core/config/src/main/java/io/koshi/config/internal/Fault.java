package io.koshi.config.internal;

/**
 * One thing wrong with the file.
 *
 * @param line from 1
 * @param column from 1
 * @param path JSON Pointer to the value, "" where the text itself is no YAML
 */
record Fault(int line, int column, String path, String sentence) {
    Fault(YamlNode.Place place, String path, String sentence) {
        this(place.line(), place.column(), path, sentence);
    }

    /** {@code koshi.yaml:3:5: /http/prt: is unknown}. */
    String in(String file) {
        return file + ":" + line + ":" + column + ": " + (path.isEmpty() ? "" : path + ": ") + sentence;
    }
}
