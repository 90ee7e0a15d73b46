package io.koshi.router.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the first matching rule without trying them all: rules that ask for a certain channel or event
 * are kept under it, and only those lists are tried that a message's channel and event lead to, in the
 * rules' order. Immutable.
 */
final class RuleIndex {
    private static final Rule[] NONE = {};

    /** Rules of one channel, or of any. */
    private record Shelf(Map<String, Rule[]> byEvent, Rule[] anyEvent) {}

    private static final Shelf EMPTY = new Shelf(Map.of(), NONE);

    private final Map<String, Shelf> byChannel;
    private final Shelf anyChannel;
    private final Path event;

    private RuleIndex(Map<String, Shelf> byChannel, Shelf anyChannel, Path event) {
        this.byChannel = byChannel;
        this.anyChannel = anyChannel;
        this.event = event;
    }

    /** @param rules in order */
    static RuleIndex of(List<Rule> rules, Path event) {
        Map<String, List<Rule>> byChannel = new HashMap<>();
        List<Rule> anyChannel = new ArrayList<>();
        for (Rule rule : rules) {
            Set<String> channels = texts(rule, "channel");
            channels.forEach(
                    c -> byChannel.computeIfAbsent(c, k -> new ArrayList<>()).add(rule));
            if (channels.isEmpty()) {
                anyChannel.add(rule);
            }
        }
        Map<String, Shelf> shelves = new HashMap<>();
        byChannel.forEach((channel, of) -> shelves.put(channel, shelf(of)));
        return new RuleIndex(shelves, shelf(anyChannel), event);
    }

    private static Shelf shelf(List<Rule> rules) {
        Map<String, List<Rule>> byEvent = new HashMap<>();
        List<Rule> anyEvent = new ArrayList<>();
        for (Rule rule : rules) {
            Set<String> events = texts(rule, "event");
            events.forEach(
                    e -> byEvent.computeIfAbsent(e, k -> new ArrayList<>()).add(rule));
            if (events.isEmpty()) {
                anyEvent.add(rule);
            }
        }
        Map<String, Rule[]> arrays = new HashMap<>();
        byEvent.forEach((e, of) -> arrays.put(e, of.toArray(NONE)));
        return new Shelf(arrays, anyEvent.toArray(NONE));
    }

    /** The texts one of which the rule wants at a path; empty when it takes others too. */
    private static Set<String> texts(Rule rule, String path) {
        for (Condition part : rule.match().parts()) {
            if (part instanceof Condition.Expect expect && expect.path().text().equals(path)) {
                for (Test test : expect.tests()) {
                    if (test instanceof Test.Equal equal && equal.expected() instanceof String text) {
                        return Set.of(text);
                    }
                    if (test instanceof Test.In in && in.others().isEmpty()) {
                        return in.texts();
                    }
                }
            }
        }
        return Set.of();
    }

    /** The first rule that matches; null when none does. */
    Rule first(Subject subject) {
        String channel = subject.message().from().channel();
        Shelf own = byChannel.getOrDefault(channel, EMPTY);
        Shelf base = channel.equals(subject.base()) ? EMPTY : byChannel.getOrDefault(subject.base(), EMPTY);
        String name = Values.text(subject.scalar(event));
        Rule found = first(own.anyEvent, subject, null);
        found = first(base.anyEvent, subject, found);
        if (name != null) {
            found = first(own.byEvent.getOrDefault(name, NONE), subject, found);
            found = first(base.byEvent.getOrDefault(name, NONE), subject, found);
            found = first(anyChannel.byEvent.getOrDefault(name, NONE), subject, found);
        }
        return first(anyChannel.anyEvent, subject, found);
    }

    /** The first of these rules that matches and stands before {@code found}; {@code found} when none does. */
    private static Rule first(Rule[] rules, Subject subject, Rule found) {
        for (Rule rule : rules) {
            if (found != null && rule.index() >= found.index()) {
                return found;
            }
            if (rule.match().holds(subject)) {
                return rule;
            }
        }
        return found;
    }
}
