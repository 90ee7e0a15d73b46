package io.koshi.router.internal;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression found anywhere in a text, with a limit to the work it may cost: one that needs
 * more steps is given up and counts as not found, so no message and no pattern can hold up the router.
 * Immutable.
 */
final class Regex implements Test {
    static final int MAX_LENGTH = 1000;
    private static final int LOOKED_AT = 65_536;
    private static final int STEPS = 200_000;
    private static final int STEPS_PER_CHAR = 16;
    private static final long MAX_REPEATS = 10_000;
    private static final Pattern COUNTED = Pattern.compile("\\{(\\d{1,9})(?:,(\\d{0,9}))?}");
    private static final Pattern OUTLAWED =
            Pattern.compile("(?<!\\\\)(?:\\\\\\\\)*(\\\\[1-9]|\\\\k<|\\(\\?[=!>]|\\(\\?<[=!])");

    private final Pattern pattern;
    private final String needed;

    private Regex(Pattern pattern, String needed) {
        this.pattern = pattern;
        this.needed = needed;
    }

    /** @throws IllegalArgumentException with a sentence when it is none, or one whose work cannot be bounded */
    static Regex of(String source) {
        if (source.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a regex has at most " + MAX_LENGTH + " characters");
        }
        Matcher outlawed = OUTLAWED.matcher(source);
        if (outlawed.find()) {
            throw new IllegalArgumentException(
                    "a regex here has no look-around, atomic groups or back references, as RE2: '" + outlawed.group(1)
                            + "'");
        }
        long repeats = 1;
        for (Matcher counted = COUNTED.matcher(source); counted.find(); ) {
            String most = counted.group(2) == null || counted.group(2).isEmpty() ? counted.group(1) : counted.group(2);
            repeats *= Math.max(1, Long.parseLong(most));
            if (repeats > MAX_REPEATS) {
                throw new IllegalArgumentException(
                        "the regex repeats too often: keep {n,m} below " + MAX_REPEATS + " in all");
            }
        }
        try {
            return new Regex(Pattern.compile(source), Literal.neededBy(source));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("not a regular expression: " + e.getDescription()
                    + (e.getIndex() < 0 ? "" : " at character " + (e.getIndex() + 1)));
        } catch (StackOverflowError e) {
            throw new IllegalArgumentException("the regex is nested too deep");
        }
    }

    @Override
    public boolean test(Object value, Subject subject) {
        String text = Values.text(value);
        if (text == null || (!needed.isEmpty() && !text.contains(needed))) {
            return false;
        }
        String seen = text.length() > LOOKED_AT ? text.substring(0, LOOKED_AT) : text;
        try {
            return pattern.matcher(new Metered(seen)).find();
        } catch (TooManySteps | StackOverflowError e) {
            subject.gaveUp(pattern.pattern());
            return false;
        }
    }

    @Override
    public String toString() {
        return "regex " + pattern.pattern();
    }

    /** Text that counts how often it is read. Confined to one match. */
    private static final class Metered implements CharSequence {
        private final String text;
        private int left;

        Metered(String text) {
            this.text = text;
            this.left = STEPS + STEPS_PER_CHAR * text.length();
        }

        @Override
        public char charAt(int index) {
            if (--left < 0) {
                throw TooManySteps.INSTANCE;
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** Ends a match; carries no stack, as it is thrown where much is on it. */
    private static final class TooManySteps extends RuntimeException {
        private static final long serialVersionUID = 1L;
        static final TooManySteps INSTANCE = new TooManySteps();

        private TooManySteps() {
            super(null, null, false, false);
        }
    }
}
