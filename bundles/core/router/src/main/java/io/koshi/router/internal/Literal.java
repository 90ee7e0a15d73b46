package io.koshi.router.internal;

/** Finds words without which a regular expression cannot match, so that most texts need no matcher. */
final class Literal {
    private Literal() {}

    /**
     * The longest run of plain characters that every match contains; "" where none is sure. Errs on the
     * side of "": groups, alternatives and flags are not looked into.
     */
    static String neededBy(String regex) {
        if (regex.contains("|") || regex.contains("(?") || regex.contains("\\Q") || regex.contains("&&")) {
            return "";
        }
        String best = "";
        StringBuilder run = new StringBuilder();
        int depth = 0;
        for (int i = 0; i < regex.length(); i++) {
            char c = regex.charAt(i);
            boolean plain = false;
            if (c == '\\') {
                if (i + 1 >= regex.length()) {
                    return "";
                }
                c = regex.charAt(++i);
                if (Character.isLetterOrDigit(c)) {
                    // a class or an escape that may take characters after it
                    if ("dDwWsSbBAzZ".indexOf(c) < 0) {
                        return "";
                    }
                } else {
                    plain = true;
                }
            } else if (c == '[') {
                int end = regex.indexOf(']', i + 1);
                if (end < i + 2
                        || regex.startsWith("[^]", i)
                        || regex.substring(i + 1, end).contains("[")
                        || regex.substring(i, end).contains("\\")) {
                    return "";
                }
                i = end;
            } else if (c == '(') {
                depth++;
            } else if (c == ')') {
                depth--;
            } else {
                plain = ".^$*+?{}".indexOf(c) < 0;
            }
            if (c == '{' && !plain) {
                int end = regex.indexOf('}', i);
                if (end < 0) {
                    return "";
                }
                i = end;
            }
            boolean optional = i + 1 < regex.length() && "*?{".indexOf(regex.charAt(i + 1)) >= 0;
            boolean repeated = i + 1 < regex.length() && regex.charAt(i + 1) == '+';
            if (plain && depth == 0 && !optional) {
                run.append(c);
            }
            if (!plain || depth > 0 || optional || repeated) {
                best = run.length() > best.length() ? run.toString() : best;
                run.setLength(0);
            }
        }
        return run.length() > best.length() ? run.toString() : best;
    }
}
