package io.koshi.plugin.internal;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a jar lies in a Maven repository: {@code group:artifact:version}.
 *
 * @see <a href="https://maven.apache.org/repository/layout.html">Maven's repository layout</a>
 */
record Coordinates(String group, String artifact, String version) {
    private static final Pattern FORM = Pattern.compile("([\\w-]+(?:\\.[\\w-]+)*):([\\w][\\w.-]*):(\\w[\\w.+-]*)");

    /** Empty when a source is something else: a name or a file. */
    static Optional<Coordinates> of(String source) {
        Matcher parts = FORM.matcher(source);
        return parts.matches() && !source.contains("..")
                ? Optional.of(new Coordinates(parts.group(1), parts.group(2), parts.group(3)))
                : Optional.empty();
    }

    /** The jar's path below a repository's root. */
    String path() {
        return group.replace('.', '/') + "/" + artifact + "/" + version + "/" + fileName();
    }

    String fileName() {
        return artifact + "-" + version + ".jar";
    }

    @Override
    public String toString() {
        return group + ":" + artifact + ":" + version;
    }
}
