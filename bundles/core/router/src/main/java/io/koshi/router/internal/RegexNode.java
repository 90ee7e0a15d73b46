package io.koshi.router.internal;

import java.util.List;

/** A regular expression as a tree; immutable. */
sealed interface RegexNode {
    /**
     * Whether every match begins at the start of the text.
     *
     * <p>May err on the side of false.
     */
    default boolean anchored() {
        return false;
    }

    /**
     * One character that passes the program's predicate of this number.
     *
     * @param literal the only character that passes, -1 where there are several
     */
    record One(int predicate, int literal) implements RegexNode {}

    /** One after the other; none for the empty text. */
    record Then(List<RegexNode> parts) implements RegexNode {
        @Override
        public boolean anchored() {
            return !parts.isEmpty() && parts.get(0).anchored();
        }

        /** The longest run of plain characters in it, which is in every text that matches. */
        String needed() {
            String best = "";
            StringBuilder run = new StringBuilder();
            for (RegexNode part : parts) {
                if (part instanceof One one && one.literal() >= 0) {
                    run.appendCodePoint(one.literal());
                    best = run.length() > best.length() ? run.toString() : best;
                } else {
                    run.setLength(0);
                }
            }
            return best;
        }
    }

    /** One or the other. */
    record Either(List<RegexNode> parts) implements RegexNode {
        @Override
        public boolean anchored() {
            return parts.stream().allMatch(RegexNode::anchored);
        }
    }

    /** @param most -1 for any number */
    record Repeat(RegexNode part, int least, int most) implements RegexNode {
        @Override
        public boolean anchored() {
            return least > 0 && part.anchored();
        }
    }

    /** A place between characters. */
    record At(Place place) implements RegexNode {
        @Override
        public boolean anchored() {
            return place == Place.TEXT_START;
        }
    }

    /** Places between characters. */
    enum Place {
        TEXT_START,
        TEXT_END,
        LINE_START,
        LINE_END,
        WORD_EDGE,
        NO_WORD_EDGE
    }
}
