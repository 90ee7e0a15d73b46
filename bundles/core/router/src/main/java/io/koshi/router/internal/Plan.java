package io.koshi.router.internal;

import io.koshi.api.Batch;
import io.koshi.api.Entry;
import io.koshi.api.Ulid;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What is to be done with one batch: its entries in shares of neighbours that one rule matched. Made
 * before the commit, so that a commit that is tried again does the same; immutable.
 */
record Plan(Batch batch, List<Share> shares) {
    /** One application of an action: to these entries, with this argument. */
    record Deed(Batch part, Object argument) {}

    /**
     * @param subjects of its messages, for their templates
     * @param arguments of the rule's steps, filled in from the share's first message
     */
    record Share(Batch part, Rule rule, List<Subject> subjects, List<Object> arguments) {
        List<Long> entries() {
            return part.entries().stream().map(Entry::entry).toList();
        }

        /** What a step does once: for the whole share. */
        List<Deed> once(int step) {
            return List.of(new Deed(part, arguments.get(step)));
        }

        /** What a step does for each message: once for each run of neighbours whose argument is the same. */
        List<Deed> each(int step) {
            List<Deed> deeds = new ArrayList<>();
            int from = 0;
            Object before = arguments.get(step);
            for (int i = 1; i < subjects.size(); i++) {
                Object next = rule.steps()
                        .get(step)
                        .argument()
                        .fill(
                                subjects.get(i),
                                part.entries().get(i),
                                part.entries().size());
                if (!next.equals(before)) {
                    deeds.add(new Deed(some(from, i), before));
                    from = i;
                    before = next;
                }
            }
            deeds.add(new Deed(some(from, subjects.size()), before));
            return deeds;
        }

        private Batch some(int from, int to) {
            return new Batch(part.id(), part.from(), part.entries().subList(from, to));
        }
    }

    /** @param commands what a person may say to the hub itself */
    static Plan of(Batch batch, RuleTable table, Commands commands) {
        List<Share> shares = new ArrayList<>(1);
        List<Entry> run = new ArrayList<>(batch.entries().size());
        List<Subject> subjects = new ArrayList<>(batch.entries().size());
        Rule rule = null;
        for (Entry entry : batch.entries()) {
            Subject subject = table.subject(entry.message(), entry.acceptedAt());
            Rule next = commands.rule(entry.message()).orElseGet(() -> table.decide(subject));
            if (rule != null && next != rule) {
                shares.add(share(batch, shares.isEmpty(), run, rule, subjects));
                run = new ArrayList<>();
                subjects = new ArrayList<>();
            }
            rule = next;
            run.add(entry);
            subjects.add(subject);
        }
        shares.add(share(batch, shares.isEmpty(), run, rule, subjects));
        return new Plan(batch, List.copyOf(shares));
    }

    private static Share share(Batch whole, boolean firstShare, List<Entry> run, Rule rule, List<Subject> subjects) {
        List<Object> arguments = new ArrayList<>(rule.steps().size());
        for (Rule.Step step : rule.steps()) {
            arguments.add(step.argument().fill(subjects.get(0), run.get(0), run.size()));
        }
        List<Entry> entries = run;
        if (rule.priority().isPresent()) {
            int priority = rule.priority().getAsInt();
            entries = run.stream()
                    .map(e -> new Entry(e.id(), e.entry(), e.message().withPriority(priority), e.acceptedAt()))
                    .toList();
        }
        String id = firstShare ? whole.id() : Ulid.next();
        return new Share(
                new Batch(id, whole.from(), entries),
                rule,
                List.copyOf(subjects),
                Collections.unmodifiableList(arguments));
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
