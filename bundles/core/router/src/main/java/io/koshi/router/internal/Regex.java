package io.koshi.router.internal;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntPredicate;

/**
 * A regular expression found anywhere in a text, in time that grows with the text's length and no faster:
 * no pattern and no message can hold up the router, as backtracking would let them. The steps of {@link
 * RegexProgram} are remembered as they are met. Thread-safe.
 */
final class Regex implements Test {
    private static final int MAX_LENGTH = 1000;
    private static final int LOOKED_AT = 32_768;
    private static final int ASCII = 128;
    private static final int MAX_STATES = 500;
    private static final int OTHER_KINDS = 8;
    private static final int MAX_REMEMBERED = 4096;

    private final String source;
    private final String needed;
    private final RegexProgram program;
    private final int[] asciiKinds = new int[ASCII];
    private final Map<BitSet, Integer> kinds = new ConcurrentHashMap<>();
    private final Map<Integer, Integer> otherKinds = new ConcurrentHashMap<>();
    private final Map<State.Key, State> states = new ConcurrentHashMap<>();
    private final int remembered;
    private final State start;

    private Regex(String source, RegexProgram program, String needed) {
        this.source = source;
        this.needed = needed;
        this.program = program;
        for (int c = 0; c < ASCII; c++) {
            asciiKinds[c] = kind(c);
        }
        remembered = kinds.size() + OTHER_KINDS;
        start = new State(new State.Key(List.of(0), -1), remembered);
    }

    /** @throws IllegalArgumentException with a sentence when it is none */
    static Regex of(String source) {
        if (source.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a regex has at most " + MAX_LENGTH + " characters");
        }
        RegexReader reader = new RegexReader(source);
        RegexNode node = reader.read();
        String needed = node instanceof RegexNode.Then then ? then.needed() : "";
        return new Regex(source, new RegexProgram(node, reader.predicates()), needed);
    }

    /** Everything that is known of the text up to a place: where in the program one may be, and what stands before. */
    private static final class State {
        static final State MATCH = new State(new Key(List.of(), -1), 0);

        /** @param before -1 for the start, else a line feed, a word character or another */
        record Key(List<Integer> places, int before) {}

        final int[] places;
        final int before;

        // written without a lock: a thread that does not see an entry makes an equal one
        final State[] next;
        private volatile Boolean atEnd;

        /** @param kinds kinds of characters that the next state is remembered for */
        State(Key key, int kinds) {
            next = new State[kinds];
            places = key.places().stream().mapToInt(Integer::intValue).toArray();
            before = key.before();
        }
    }

    @Override
    public boolean test(Object value) {
        String text = Values.text(value);
        return text != null && find(text);
    }

    /** Whether it is found in the first {@value #LOOKED_AT} characters. */
    boolean find(String text) {
        if (!needed.isEmpty() && !text.contains(needed)) {
            return false;
        }
        int length = Math.min(text.length(), LOOKED_AT);
        State state = start;
        for (int i = 0; i < length; ) {
            int c = text.charAt(i++);
            if (c >= ASCII
                    && Character.isHighSurrogate((char) c)
                    && i < length
                    && Character.isLowSurrogate(text.charAt(i))) {
                c = Character.toCodePoint((char) c, text.charAt(i++));
            }
            int kind = c < ASCII ? asciiKinds[c] : otherKind(c);
            State next = kind < remembered ? state.next[kind] : null;
            if (next == null) {
                next = step(state, c);
                if (kind < remembered) {
                    state.next[kind] = next;
                }
            }
            if (next == State.MATCH || next.places.length == 0) {
                return next == State.MATCH;
            }
            state = next;
        }
        Boolean atEnd = state.atEnd;
        if (atEnd == null) {
            atEnd = program.step(state.places, state.before, -1) == null;
            state.atEnd = atEnd;
        }
        return atEnd;
    }

    private State step(State from, int c) {
        int[] places = program.step(from.places, from.before, c);
        if (places == null) {
            return State.MATCH;
        }
        int before = c == '\n' ? '\n' : RegexProgram.word(c) ? 'a' : ' ';
        State.Key key = new State.Key(Arrays.stream(places).boxed().toList(), before);
        if (states.size() >= MAX_STATES) {
            states.clear();
            Arrays.fill(start.next, null);
        }
        return states.computeIfAbsent(key, k -> new State(k, remembered));
    }

    private int otherKind(int c) {
        Integer known = otherKinds.get(c);
        if (known == null) {
            known = kind(c);
            if (otherKinds.size() < MAX_REMEMBERED) {
                otherKinds.put(c, known);
            }
        }
        return known;
    }

    /** Characters of one kind lead from any state to the same next one. */
    private int kind(int c) {
        List<IntPredicate> predicates = program.predicates();
        BitSet passed = new BitSet(predicates.size() + 2);
        for (int i = 0; i < predicates.size(); i++) {
            passed.set(i, predicates.get(i).test(c));
        }
        passed.set(predicates.size(), c == '\n');
        passed.set(predicates.size() + 1, RegexProgram.word(c));
        synchronized (kinds) {
            return kinds.computeIfAbsent(passed, p -> kinds.size());
        }
    }

    @Override
    public String toString() {
        return "regex " + source;
    }
}
