package io.koshi.service.exec;

import io.koshi.api.KoshiException;
import java.nio.file.Path;
import java.util.List;

/**
 * A program and the first of its arguments, as a list names them.
 *
 * @param words the program, then words of which {@code *} is any one
 */
record Rule(List<String> words) {
    private static final String ANY = "*";

    static Rule parse(String text, String path) {
        List<String> words = List.of(text.strip().split("\\s+"));
        if (words.get(0).isEmpty() || words.get(0).equals(ANY)) {
            throw KoshiException.invalid(path, "names a program first, not '" + text + "'");
        }
        return new Rule(words);
    }

    /** Whether it allows a call: the program exactly as written, so {@code git} is not {@code ./git}, then its words. */
    boolean allows(List<String> argv) {
        if (!argv.get(0).equals(words.get(0)) || argv.size() < words.size()) {
            return false;
        }
        for (int i = 1; i < words.size(); i++) {
            if (!words.get(i).equals(ANY) && !words.get(i).equals(argv.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Whether it denies a call: the program wherever it lies, and its words in this order with anything in between. */
    boolean denies(List<String> argv) {
        if (!name(argv.get(0)).equals(name(words.get(0)))) {
            return false;
        }
        int at = 1;
        for (int i = 1; i < argv.size() && at < words.size(); i++) {
            if (words.get(at).equals(ANY) || words.get(at).equals(argv.get(i))) {
                at++;
            }
        }
        return at == words.size();
    }

    static String name(String program) {
        Path name = Path.of(program).getFileName();
        return name == null ? program : name.toString();
    }
}
