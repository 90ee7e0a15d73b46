package io.koshi.router.internal;

/**
 * Text with {@code *} (any characters, none too) and {@code ?} (one character); a backslash takes the
 * next character as it is. Case counts and the whole text has to fit. Immutable.
 */
final class Glob implements Test {
    private static final int STAR = -1;
    private static final int ONE = -2;

    private final String source;
    private final int[] codes;

    private Glob(String source, int[] codes) {
        this.source = source;
        this.codes = codes;
    }

    static boolean isGlob(String text) {
        return text.indexOf('*') >= 0 || text.indexOf('?') >= 0;
    }

    static Glob of(String source) {
        int[] codes = new int[source.length()];
        int length = 0;
        for (int i = 0; i < source.length(); i++) {
            char c = source.charAt(i);
            if (c == '\\' && i + 1 < source.length()) {
                codes[length++] = source.charAt(++i);
            } else if (c == '*') {
                if (length == 0 || codes[length - 1] != STAR) {
                    codes[length++] = STAR;
                }
            } else {
                codes[length++] = c == '?' ? ONE : c;
            }
        }
        return new Glob(source, java.util.Arrays.copyOf(codes, length));
    }

    @Override
    public boolean test(Object value) {
        String text = Values.text(value);
        return text != null && matches(text);
    }

    /** Greedy with one point to go back to: a later star never needs an earlier one to give way. */
    boolean matches(String text) {
        int t = 0;
        int c = 0;
        int star = -1;
        int resume = 0;
        while (t < text.length()) {
            if (c < codes.length && codes[c] == STAR) {
                star = c++;
                resume = t;
                if (c == codes.length) {
                    return true;
                }
            } else if (c < codes.length && (codes[c] == ONE || codes[c] == text.charAt(t))) {
                c++;
                t++;
            } else if (star >= 0) {
                c = star + 1;
                resume = codes[c] >= 0 ? text.indexOf(codes[c], resume + 1) : resume + 1;
                if (resume < 0) {
                    return false;
                }
                t = resume;
            } else {
                return false;
            }
        }
        while (c < codes.length && codes[c] == STAR) {
            c++;
        }
        return c == codes.length;
    }

    @Override
    public String toString() {
        return "glob " + source;
    }
}
