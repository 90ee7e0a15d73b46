package io.koshi.service.files;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;

/**
 * A line as a regular expression sees it, which ends the search when it looks at characters for too long: java.util.regex
 * goes back as often as the pattern lets it, and cannot be told to stop otherwise. Confined to one thread.
 */
final class BoundedText implements CharSequence {
    /** How much may be looked at in one search; shared by all its lines. Confined to one thread. */
    static final class Budget {
        private long left;

        Budget(long characters) {
            this.left = characters;
        }

        private void spend() {
            if (--left < 0) {
                throw new KoshiException(
                        ErrorCode.TIMEOUT, "the pattern takes too long; make it simpler, without repeats in repeats");
            }
            if ((left & 0xFFFF) == 0 && Thread.currentThread().isInterrupted()) {
                throw new KoshiException(ErrorCode.TIMEOUT, "the search was stopped");
            }
        }
    }

    private final CharSequence text;
    private final Budget budget;

    BoundedText(CharSequence text, Budget budget) {
        this.text = text;
        this.budget = budget;
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public char charAt(int index) {
        budget.spend();
        return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return new BoundedText(text.subSequence(start, end), budget);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
