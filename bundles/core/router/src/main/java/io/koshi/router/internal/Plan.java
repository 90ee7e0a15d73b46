package io.koshi.router.internal;

import io.koshi.api.Batch;
import io.koshi.api.Entry;
import io.koshi.api.Ulid;
import java.util.ArrayList;
import java.util.List;

/**
 * What is to be done with one batch: its entries in shares of neighbours that one rule matched. Made
 * before the commit, so that a commit that is tried again does the same; immutable.
 */
record Plan(Batch batch, List<Share> shares) {
    /**
     * @param arguments of the rule's steps, filled in from the share's first message
     */
    record Share(Batch part, Rule rule, List<Object> arguments) {
        List<Long> entries() {
            return part.entries().stream().map(Entry::entry).toList();
        }
    }

    static Plan of(Batch batch, RuleTable table) {
        List<Share> shares = new ArrayList<>(1);
        List<Entry> run = new ArrayList<>(batch.entries().size());
        Rule rule = null;
        Subject first = null;
        for (Entry entry : batch.entries()) {
            Subject subject = table.subject(entry.message(), entry.acceptedAt());
            Rule next = table.decide(subject);
            if (rule != null && next != rule) {
                shares.add(share(batch, shares.isEmpty(), run, rule, first));
                run = new ArrayList<>();
            }
            if (next != rule) {
                rule = next;
                first = subject;
            }
            run.add(entry);
        }
        shares.add(share(batch, shares.isEmpty(), run, rule, first));
        return new Plan(batch, List.copyOf(shares));
    }

    private static Share share(Batch whole, boolean firstShare, List<Entry> run, Rule rule, Subject first) {
        List<Object> arguments = new ArrayList<>(rule.steps().size());
        for (Rule.Step step : rule.steps()) {
            arguments.add(step.argument().fill(first, run.get(0), run.size()));
        }
        List<Entry> entries = run;
        if (rule.priority().isPresent()) {
            int priority = rule.priority().getAsInt();
            entries = run.stream()
                    .map(e -> new Entry(e.id(), e.entry(), e.message().withPriority(priority), e.acceptedAt()))
                    .toList();
        }
        String id = firstShare ? whole.id() : Ulid.next();
        return new Share(new Batch(id, whole.from(), entries), rule, java.util.Collections.unmodifiableList(arguments));
    }

    /** The most urgent priority in it; lower goes first. */
    int priority() {
        return shares.stream()
                .flatMap(share -> share.part().entries().stream())
                .mapToInt(entry -> entry.message().priority())
                .min()
                .orElse(0);
    }
}
