package io.koshi.task.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.store.Tx;
import io.koshi.task.Tasks.Order;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes tasks of the items of a split as they come, each full batch at once; what does not fill one waits in its row.
 * Thread-safe.
 */
final class Batches {
    private static final String PLACE = "{{items}}";

    private final Intake intake;
    private final Codec codec;

    Batches(Intake intake, Codec codec) {
        this.intake = intake;
        this.codec = codec;
    }

    /**
     * Adds a piece of the items.
     *
     * @param from the number of the first one, from 0; what came before is passed over
     * @param last no more will come
     * @throws KoshiException CONFLICT when items before it are missing, or there was a last one already
     */
    void add(Tx tx, Split split, List<Object> items, long from, boolean last) {
        if (from > split.items()) {
            throw new KoshiException(
                    ErrorCode.CONFLICT,
                    "items " + split.items() + " to " + (from - 1) + " are missing; send them first");
        }
        List<Object> fresh = items.subList((int) Math.min(items.size(), split.items() - from), items.size());
        if (split.closed()) {
            if (fresh.isEmpty()) {
                return;
            }
            throw new KoshiException(ErrorCode.CONFLICT, "this split has all its items already");
        }
        List<Object> open = new ArrayList<>(lines(split.rest()));
        long batches = split.batches();
        for (Object item : fresh) {
            open.add(item);
            if (open.size() == split.size()) {
                batch(tx, split, open);
                batches++;
                open.clear();
            }
        }
        if (last && !open.isEmpty()) {
            batch(tx, split, open);
            batches++;
            open.clear();
        }
        tx.update(
                "UPDATE task_split SET rest = ?, items = items + ?, batches = ?, closed = ? WHERE task = ?",
                open.isEmpty() ? "" : json(open),
                fresh.size(),
                batches,
                last,
                split.n());
    }

    @SuppressWarnings("unchecked")
    private List<Object> lines(String rest) {
        return rest.isEmpty() ? List.of() : (List<Object>) codec.parseJson(rest.getBytes(StandardCharsets.UTF_8));
    }

    private String json(Object value) {
        return new String(codec.json(value), StandardCharsets.UTF_8);
    }

    private void batch(Tx tx, Split split, List<Object> items) {
        StringBuilder text = new StringBuilder();
        for (Object item : items) {
            boolean plain = items.size() == 1 && item instanceof String;
            text.append(text.isEmpty() ? "" : "\n").append(plain ? (String) item : json(item));
        }
        String prompt =
                split.prompt().contains(PLACE) ? split.prompt().replace(PLACE, text) : split.prompt() + "\n\n" + text;
        Payloads.checkPrompt(prompt);
        Order like = split.like();
        Order order = new Order(
                like.title(),
                prompt,
                like.type(),
                like.priority(),
                like.project(),
                like.skill(),
                List.of(),
                Optional.empty(),
                List.of(),
                false,
                like.model(),
                like.systemPrompt(),
                Optional.empty(),
                like.maxAttempts());
        intake.add(tx, new Intake.New(order, Optional.empty(), Optional.of(split.n()), false));
    }
}
