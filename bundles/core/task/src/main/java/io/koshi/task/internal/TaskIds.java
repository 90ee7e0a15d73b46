package io.koshi.task.internal;

import io.koshi.api.Ulid;
import io.koshi.store.Tx;
import java.util.Optional;

/**
 * A task's two names: its row, counted from 1, and a ULID whose last eight characters are that count. So an id is
 * found without an index of its own, which would be a page more in every commit.
 */
final class TaskIds {
    private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static final int LENGTH = 26;
    private static final int COUNT = 8;

    private TaskIds() {}

    static String of(long n) {
        StringBuilder id = new StringBuilder(LENGTH).append(Ulid.next(), 0, LENGTH - COUNT);
        for (int shift = (COUNT - 1) * 5; shift >= 0; shift -= 5) {
            id.append(ALPHABET.charAt((int) (n >>> shift) & 31));
        }
        return id.toString();
    }

    /** The row of a task by its id or its number; empty when there is none. */
    static Optional<Long> find(Tx tx, String ref) {
        Optional<Long> count = count(ref);
        if (count.isPresent()) {
            return row(tx, "SELECT n FROM task WHERE n = ?", count.get());
        }
        if (ref.length() != LENGTH) {
            return Optional.empty();
        }
        return row(tx, "SELECT n FROM task WHERE n = ? AND id = ?", tail(ref), ref)
                .or(() -> row(tx, "SELECT n FROM task WHERE n <= (SELECT old FROM task_epoch) AND id = ?", ref));
    }

    /** The row that a number names; empty when it is no number. */
    static Optional<Long> count(String ref) {
        long n = 0;
        for (int i = 0; i < ref.length(); i++) {
            int digit = ref.charAt(i) - '0';
            if (digit < 0 || digit > 9 || i > 14) {
                return Optional.empty();
            }
            n = 10 * n + digit;
        }
        return ref.isEmpty() ? Optional.empty() : Optional.of(n);
    }

    private static Optional<Long> row(Tx tx, String sql, Object... args) {
        return tx.first(sql, row -> row.number("n"), args);
    }

    private static long tail(String id) {
        long n = 0;
        for (int i = LENGTH - COUNT; i < LENGTH; i++) {
            n = n << 5 | Math.max(0, ALPHABET.indexOf(id.charAt(i)));
        }
        return n;
    }
}
