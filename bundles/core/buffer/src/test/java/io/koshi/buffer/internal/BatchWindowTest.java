package io.koshi.buffer.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.api.Address;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class BatchWindowTest {
    private static final long WINDOW = 500;

    private final BatchWindow window = new BatchWindow();
    private long entries;

    private Item add(String conversation, int priority, long now) {
        Item item = new Item(++entries, "id" + entries, Address.of("c", conversation), priority, now, null, 10, false);
        window.add(item, now, WINDOW);
        return item;
    }

    private static List<Long> numbers(Conversation conversation) {
        return conversation.inFlight.stream().map(Item::entry).toList();
    }

    @Test
    void opensAtTheFirstEntryAndClosesWhateverFollows() {
        add("a", 50, 0);
        add("a", 50, 400);
        assertThat(window.nextDue(400)).isEqualTo(WINDOW);
        assertThat(window.take(499, 100)).isEmpty();
        assertThat(numbers(window.take(500, 100).get(0))).containsExactly(1L, 2L);
    }

    @Test
    void aFullBatchDoesNotWaitAndTheRestFollows() {
        for (int i = 0; i < BatchWindow.MOST + 3; i++) {
            add("a", 50, 0);
        }
        Conversation first = window.take(0, 10_000).get(0);
        assertThat(first.inFlight).hasSize(BatchWindow.MOST);
        assertThat(window.take(1000, 10_000)).isEmpty();
        window.settled(first, 1000);
        assertThat(window.take(1000, 10_000).get(0).inFlight).hasSize(3);
    }

    @Test
    void anUrgentEntryTakesItsConversationToTheFront() {
        add("a", 100, 0);
        add("b", 50, 1);
        add("a", 10, 2);
        assertThat(window.take(1000, 100).stream().map(c -> c.from.conversation()))
                .containsExactly("a", "b");
    }

    @Test
    void aFailedBatchComesAgainAsItWasAndBeforeItsFollowers() {
        add("a", 50, 0);
        Conversation a = window.take(500, 100).get(0);
        add("a", 10, 600);
        window.failed(a, List.copyOf(a.inFlight), 600, 2000);
        assertThat(window.take(1999, 100)).isEmpty();
        assertThat(numbers(window.take(2000, 100).get(0))).containsExactly(1L);
        window.settled(a, 2001);
        assertThat(numbers(window.take(2001, 100).get(0))).containsExactly(2L);
        window.settled(a, 2002);
        assertThat(window.size()).isZero();
        assertThat(window.bytes()).isZero();
        assertThat(window.conversations()).isEmpty();
    }

    /** Random histories against what must hold in each: nothing lost, nothing twice, order kept. */
    @RepeatedTest(200)
    void noEntryIsInTwoBatchesAndOrderIsKept(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        Map<String, Conversation> inFlight = new HashMap<>();
        Map<String, List<Long>> given = new HashMap<>();
        Map<String, List<Long>> finished = new HashMap<>();
        Set<Long> seen = new HashSet<>();
        long now = 0;
        for (int step = 0; step < 2000; step++) {
            now += random.nextInt(50);
            int what = random.nextInt(10);
            if (what < 6) {
                String name = "c" + random.nextInt(8);
                Item item = add(name, random.nextBoolean() ? 10 : 50, now);
                given.computeIfAbsent(name, k -> new ArrayList<>()).add(item.entry());
            } else if (what < 8) {
                take(now, 1 + random.nextInt(20), inFlight, seen);
            } else if (!inFlight.isEmpty()) {
                finish(random, now, inFlight, finished, seen);
            }
        }
        for (int i = 0; i < 10_000 && window.size() > 0; i++) {
            now += 1000;
            take(now, 1000, inFlight, seen);
            List.copyOf(inFlight.values()).forEach(c -> settle(c, inFlight, finished));
            List.copyOf(inFlight.values()).forEach(c -> window.settled(c, 0));
        }
        assertThat(finished).isEqualTo(given);
        assertThat(window.bytes()).isZero();
        assertThat(window.conversations()).isEmpty();
    }

    private void take(long now, int most, Map<String, Conversation> inFlight, Set<Long> seen) {
        List<Conversation> taken = window.take(now, most);
        for (Conversation one : taken) {
            assertThat(inFlight.put(one.from.conversation(), one))
                    .as("one batch of a conversation at a time")
                    .isNull();
            assertThat(numbers(one)).isSorted().isNotEmpty();
            numbers(one)
                    .forEach(entry ->
                            assertThat(seen.add(entry)).as("in one batch only").isTrue());
        }
        assertThat(taken.stream()
                        .map(one -> one.inFlight.stream()
                                .mapToInt(Item::priority)
                                .min()
                                .orElseThrow())
                        .toList())
                .isSortedAccordingTo(Comparator.naturalOrder());
    }

    private void finish(
            Random random,
            long now,
            Map<String, Conversation> inFlight,
            Map<String, List<Long>> finished,
            Set<Long> seen) {
        Conversation one = inFlight.values().iterator().next();
        if (random.nextInt(3) == 0) {
            inFlight.remove(one.from.conversation());
            numbers(one).forEach(seen::remove); // the same batch may come again, and nothing else of it
            window.failed(one, List.copyOf(one.inFlight), now, now + random.nextInt(500));
        } else {
            settle(one, inFlight, finished);
        }
    }

    private void settle(Conversation one, Map<String, Conversation> inFlight, Map<String, List<Long>> finished) {
        inFlight.remove(one.from.conversation());
        finished.computeIfAbsent(one.from.conversation(), k -> new ArrayList<>())
                .addAll(numbers(one));
        window.settled(one, 0);
    }
}
