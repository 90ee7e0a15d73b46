package io.koshi.session.internal;

import io.koshi.config.Config.SessionsBlock;
import io.koshi.store.TextIndex;
import io.koshi.store.Tx;
import java.util.List;

/** Takes a session's oldest lines away, their words too, until it is within its bounds. Thread-safe. */
record LineLimit(TextIndex texts) {
    private static final int SLICE = 200;

    /** Keeps the newest lines that {@code sessions} allows, the very newest whatever its size. */
    void hold(Tx tx, long session, SessionsBlock sessions) {
        while (drop(tx, session, sessions.maxMessages(), sessions.maxTokens().orElse(Integer.MAX_VALUE), 1) == SLICE) {
            continue; // a lowered bound may ask for more than a slice
        }
    }

    /** Takes all lines away. */
    void dropAll(Tx tx, long session) {
        while (drop(tx, session, 0, 0, 0) == SLICE) {
            continue;
        }
    }

    private int drop(Tx tx, long session, long mostLines, long mostTokens, int least) {
        record Held(long lines, long tokens) {}
        Held held = tx.first(
                        "SELECT lines, tokens FROM session WHERE id = ?",
                        row -> new Held(row.number("lines"), row.number("tokens")),
                        session)
                .orElseThrow();
        long lines = held.lines();
        long tokens = held.tokens();
        if (lines <= mostLines && tokens <= mostTokens) {
            return 0;
        }
        record Old(long n, long tokens) {}
        List<Old> oldest = tx.query(
                "SELECT n, tokens FROM line WHERE session = ? ORDER BY n LIMIT " + SLICE,
                row -> new Old(row.number("n"), row.number("tokens")),
                session);
        int dropped = 0;
        for (Old line : oldest) {
            if (lines <= least || lines <= mostLines && tokens <= mostTokens) {
                break;
            }
            texts.remove(tx, line.n());
            tx.update("DELETE FROM line WHERE n = ?", line.n());
            lines--;
            tokens -= line.tokens();
            dropped++;
        }
        tx.update("UPDATE session SET lines = ?, tokens = ? WHERE id = ?", lines, tokens, session);
        return dropped;
    }
}
