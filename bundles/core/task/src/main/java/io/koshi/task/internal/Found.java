package io.koshi.task.internal;

import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.store.Store;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a splitter found: a JSON list, or lines that are not blank. It is read a piece at a time, and a list twice: once
 * to see that it is one. Thread-safe.
 */
final class Found {
    private final Store store;
    private final Payloads payloads;
    private final Codec codec;

    Found(Store store, Payloads payloads, Codec codec) {
        this.store = store;
        this.payloads = payloads;
        this.codec = codec;
    }

    /** Takes a piece of the items. */
    @FunctionalInterface
    interface Taker {
        /** @param from the number of its first item, from 0 */
        void take(List<Object> items, long from, boolean last);
    }

    /** Gives a split's items away in pieces, the last of which may be empty. */
    void pieces(long split, int size, Taker taker) {
        List<Object> piece = new ArrayList<>(size);
        long[] from = {0};
        each(split, isList(split), item -> {
            if (piece.size() == size) {
                taker.take(List.copyOf(piece), from[0], false);
                from[0] += piece.size();
                piece.clear();
            }
            piece.add(item);
        });
        taker.take(List.copyOf(piece), from[0], true);
    }

    private boolean isList(long split) {
        try {
            each(split, true, item -> {});
            return true;
        } catch (KoshiException lines) {
            return false;
        }
    }

    @FunctionalInterface
    private interface Each {
        void take(Object item);
    }

    private void each(long split, boolean list, Each each) {
        try (BufferedReader text = new BufferedReader(open(split))) {
            if (list) {
                elements(new JsonPieces(text), each);
                return;
            }
            for (String line = text.readLine(); line != null; line = text.readLine()) {
                if (!line.isBlank()) {
                    each.take(line);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws KoshiException when it is no list */
    private void elements(JsonPieces pieces, Each each) throws IOException {
        for (String text = pieces.next(); text != null; text = pieces.next()) {
            Object item = codec.parseJson(text.getBytes(StandardCharsets.UTF_8));
            if (item == null) {
                throw KoshiException.invalid("", "an item of a list is not null");
            }
            each.take(item);
        }
    }

    private Reader open(long split) {
        return store.read(tx -> tx.first(
                        "SELECT a.result, a.result_ref FROM task_split s JOIN task t ON t.n = s.splitter"
                                + " JOIN task_attempt a ON a.task = t.n AND a.n = t.attempts WHERE s.task = ?",
                        row -> row.optional("result")
                                .<Reader>map(StringReader::new)
                                .orElseGet(() -> payloads.reader(row.text("result_ref"))),
                        split)
                .orElseGet(() -> new StringReader("")));
    }
}
