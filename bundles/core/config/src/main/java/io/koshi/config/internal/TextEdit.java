package io.koshi.config.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Gathers changes of a text by offset and makes them all at once. Confined to one call. */
final class TextEdit {
    private record Change(int from, int to, String text) {}

    private final String text;
    private final List<Change> changes = new ArrayList<>();

    TextEdit(String text) {
        this.text = text;
    }

    /** The line ending the text uses. */
    String newLine() {
        return text.contains("\r\n") ? "\r\n" : "\n";
    }

    void replace(int from, int to, String by) {
        changes.add(new Change(from, to, by));
    }

    void insert(int at, String by) {
        replace(at, at, by);
    }

    /** Inserts whole lines behind the line of an offset. */
    void insertLines(int behind, String lines) {
        int at = nextLine(behind);
        boolean open = at == text.length() && !text.isEmpty() && text.charAt(at - 1) != '\n';
        insert(at, open ? newLine() + lines : lines + newLine());
    }

    /** The text with all changes made; they do not overlap. */
    String result() {
        StringBuilder out = new StringBuilder(text);
        changes.sort(Comparator.comparingInt(Change::from).reversed());
        changes.forEach(c -> out.replace(c.from(), c.to(), c.text()));
        return out.toString();
    }

    int lineStart(int offset) {
        return text.lastIndexOf('\n', offset - 1) + 1;
    }

    /** The offset where the next line begins, or the text's end. */
    int nextLine(int offset) {
        int end = text.indexOf('\n', offset);
        return end < 0 ? text.length() : end + 1;
    }

    /** The first offset at or behind another that is no white space, line ends included. */
    int skipSpace(int offset) {
        int at = offset;
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at;
    }

    /** The first offset behind another that is neither white space nor in a comment. */
    int skipComments(int offset) {
        int at = skipSpace(offset);
        while (at < text.length() && text.charAt(at) == '#') {
            at = skipSpace(nextLine(at));
        }
        return at;
    }

    /** An offset without the white space before it. */
    int trimBack(int offset) {
        int at = offset;
        while (at > 0 && Character.isWhitespace(text.charAt(at - 1))) {
            at--;
        }
        return at;
    }

    /** The column, from 0, of the first character of a line that is no space; -1 in a blank line. */
    int indent(int lineStart) {
        int at = lineStart;
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
        return at == text.length() || text.charAt(at) == '\n' || text.charAt(at) == '\r' ? -1 : at - lineStart;
    }

    boolean isComment(int lineStart) {
        int indent = indent(lineStart);
        return lineStart < text.length() && indent >= 0 && text.charAt(lineStart + indent) == '#';
    }

    boolean isBlank(int lineStart) {
        return lineStart >= text.length() || indent(lineStart) < 0;
    }

    char at(int offset) {
        return offset < text.length() ? text.charAt(offset) : '\0';
    }
}
