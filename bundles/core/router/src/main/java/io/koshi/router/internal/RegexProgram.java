package io.koshi.router.internal;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;

/**
 * A regular expression as instructions that are followed all at once (Thompson, "Regular Expression
 * Search Algorithm", CACM 1968), so that a text costs its length times the number of instructions and
 * never more. Immutable once compiled.
 */
final class RegexProgram {
    static final int MAX_INSTRUCTIONS = 1000;

    private static final Pattern WORD = Pattern.compile("\\w", Pattern.UNICODE_CHARACTER_CLASS);

    private enum Op {
        ONE,
        SPLIT,
        AT,
        MATCH
    }

    private record Instruction(Op op, int x, int y, RegexNode.Place place) {}

    private final List<IntPredicate> predicates;
    private final Instruction[] code = new Instruction[MAX_INSTRUCTIONS];
    private final boolean anchored;
    private int size;

    RegexProgram(RegexNode node, List<IntPredicate> predicates) {
        this.anchored = node.anchored();
        this.predicates = List.copyOf(predicates);
        compile(node);
        emit(Op.MATCH, 0, 0, null);
    }

    List<IntPredicate> predicates() {
        return predicates;
    }

    private int emit(Op op, int x, int y, RegexNode.Place place) {
        if (size == MAX_INSTRUCTIONS) {
            throw new IllegalArgumentException("the regex is too large: shorten it or repeat less");
        }
        code[size] = new Instruction(op, x, y, place);
        return size++;
    }

    private void compile(RegexNode node) {
        if (node instanceof RegexNode.One one) {
            emit(Op.ONE, one.predicate(), size + 1, null);
        } else if (node instanceof RegexNode.At at) {
            emit(Op.AT, 0, size + 1, at.place());
        } else if (node instanceof RegexNode.Then then) {
            then.parts().forEach(this::compile);
        } else if (node instanceof RegexNode.Either either) {
            either(either.parts());
        } else if (node instanceof RegexNode.Repeat repeat) {
            repeat(repeat);
        }
    }

    private void either(List<RegexNode> parts) {
        int[] ends = new int[parts.size() - 1];
        for (int i = 0; i < ends.length; i++) {
            int split = emit(Op.SPLIT, size + 1, 0, null);
            compile(parts.get(i));
            ends[i] = emit(Op.SPLIT, 0, 0, null);
            code[split] = new Instruction(Op.SPLIT, split + 1, size, null);
        }
        compile(parts.get(parts.size() - 1));
        for (int end : ends) {
            code[end] = new Instruction(Op.SPLIT, size, size, null);
        }
    }

    private void repeat(RegexNode.Repeat repeat) {
        for (int i = 0; i < repeat.least(); i++) {
            compile(repeat.part());
        }
        if (repeat.most() < 0) {
            int split = emit(Op.SPLIT, size + 1, 0, null);
            compile(repeat.part());
            emit(Op.SPLIT, split, split, null);
            code[split] = new Instruction(Op.SPLIT, split + 1, size, null);
            return;
        }
        for (int i = repeat.least(); i < repeat.most(); i++) {
            int split = emit(Op.SPLIT, size + 1, 0, null);
            compile(repeat.part());
            code[split] = new Instruction(Op.SPLIT, split + 1, size, null);
        }
    }

    /** What stands on the two sides of a place in the text; -1 for its ends. */
    private record Between(int before, int after) {
        boolean is(RegexNode.Place place) {
            return switch (place) {
                case TEXT_START -> before < 0;
                case TEXT_END -> after < 0;
                case LINE_START -> before < 0 || before == '\n';
                case LINE_END -> after < 0 || after == '\n';
                case WORD_EDGE -> word(before) != word(after);
                case NO_WORD_EDGE -> word(before) == word(after);
            };
        }
    }

    /** Letters, marks, digits and connectors of any script (Unicode UTS #18, annex C). */
    static boolean word(int c) {
        return c >= 0 && WORD.matcher(Character.toString(c)).matches();
    }

    /**
     * Follows all instructions over one character.
     *
     * @param from sorted places in the program before it
     * @param before the character before, -1 at the start
     * @param after the character itself, -1 at the end
     * @return sorted places after it, a match beginning there included; none when there can be no match any
     *     more; null when there is one here
     */
    int[] step(int[] from, int before, int after) {
        boolean[] seen = new boolean[size];
        boolean[] next = new boolean[size];
        int[] stack = new int[size + from.length];
        int top = 0;
        for (int place : from) {
            stack[top++] = place;
        }
        Between here = new Between(before, after);
        while (top > 0) {
            int place = stack[--top];
            if (seen[place]) {
                continue;
            }
            seen[place] = true;
            Instruction instruction = code[place];
            switch (instruction.op()) {
                case MATCH:
                    return null;
                case ONE:
                    next[instruction.y()] |=
                            after >= 0 && predicates.get(instruction.x()).test(after);
                    break;
                case AT:
                    if (here.is(instruction.place()) && !seen[instruction.y()]) {
                        stack = push(stack, top++, instruction.y());
                    }
                    break;
                default:
                    if (!seen[instruction.x()]) {
                        stack = push(stack, top++, instruction.x());
                    }
                    if (!seen[instruction.y()]) {
                        stack = push(stack, top++, instruction.y());
                    }
            }
        }
        next[0] |= !anchored;
        return places(next);
    }

    private static int[] push(int[] stack, int top, int place) {
        int[] room = top == stack.length ? Arrays.copyOf(stack, top * 2 + 1) : stack;
        room[top] = place;
        return room;
    }

    private static int[] places(boolean[] marked) {
        int[] places = new int[marked.length];
        int count = 0;
        for (int i = 0; i < marked.length; i++) {
            if (marked[i]) {
                places[count++] = i;
            }
        }
        return Arrays.copyOf(places, count);
    }
}
