package io.koshi.cli;

import java.io.IOException;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code koshi watch}: prints events as they come, and takes up where it was when the hub comes back. */
final class Watch {
    private static final long SOONEST_MS = 100;
    private static final long LATEST_MS = 2000;

    /** Characters of one value that are shown; --json shows them all. */
    private static final int WIDEST = 100;

    private final List<String> topics;
    private final Invocation call;
    private final long count;
    private Map<String, Object> place;
    private long seen;

    private Watch(List<String> topics, Map<String, Object> place, long count, Invocation call) {
        this.topics = topics;
        this.place = place;
        this.count = count;
        this.call = call;
    }

    static int run(Words words, Invocation call) throws IOException, InterruptedException {
        long since = words.number(-1, "--since");
        long count = words.number(0, "--count", "-n");
        List<String> topics = words.all();
        TerminalKeys.endsItsLine(call.out());
        try (Link link = call.connect()) {
            Watch watch = new Watch(topics.isEmpty() ? List.of("*") : topics, null, count, call);
            if (watch.follow(link, since < 0 ? null : (Object) since)) {
                return 0;
            }
            return watch.again();
        }
    }

    /** Connects again and again; ends only when it has printed enough. */
    private int again() throws InterruptedException, IOException {
        call.err().println("The hub went away; waiting for it.");
        long pause = SOONEST_MS;
        while (true) {
            Pause.of(pause);
            Optional<Link> link = Link.open(call.place().socket(), call.run());
            if (link.isEmpty()) {
                pause = Math.min(LATEST_MS, pause * 2);
                continue;
            }
            try (Link open = link.get()) {
                if (follow(open, place)) {
                    return 0;
                }
                pause = SOONEST_MS;
            } catch (Failure failure) {
                if (failure.exit() == Failure.REFUSED) {
                    throw failure;
                }
                pause = Math.min(LATEST_MS, pause * 2);
            }
        }
    }

    /** Prints until the hub goes, then false; true when enough was printed. */
    private boolean follow(Link link, Object since) throws IOException {
        try {
            Map<String, Object> params = new LinkedHashMap<>();
            params.put("topics", topics);
            if (since != null) {
                params.put("since", since);
            }
            Map<?, ?> begun = link.ask("gateway.subscribe", params, Invocation.DEADLINE_MS);
            remember(begun, since);
            while (count == 0 || seen < count) {
                Map<?, ?> event = link.event(0);
                print(event);
                if (event.get("seq") instanceof Long now) {
                    place.put("seq", now);
                }
            }
            return true;
        } catch (IOException gone) {
            return false;
        }
    }

    /** Keeps the place to go on from: after a restart of the hub that is its new beginning. */
    private void remember(Map<?, ?> begun, Object since) {
        Object seq = begun.get("seq");
        if (since instanceof Long number) {
            seq = number;
        } else if (since instanceof Map<?, ?> before) {
            seq = before.get("epoch").equals(begun.get("epoch")) ? before.get("seq") : (Object) 0L;
        }
        place = new LinkedHashMap<>();
        place.put("epoch", begun.get("epoch"));
        place.put("seq", seq);
    }

    private void print(Map<?, ?> event) {
        seen++;
        call.out().println(call.json() ? Json.write(event) : line(event));
    }

    /** {@code 14:03:07 #4711 run.delta sessionKey=main delta="Hi there"}, one line whatever is in it. */
    private static String line(Map<?, ?> event) {
        StringBuilder line = new StringBuilder(120)
                .append(LocalTime.now().truncatedTo(ChronoUnit.SECONDS).format(DateTimeFormatter.ISO_LOCAL_TIME))
                .append(" #")
                .append(event.get("seq"))
                .append(' ')
                .append(event.get("event"));
        if (event.get("payload") instanceof Map<?, ?> payload) {
            payload.forEach(
                    (name, value) -> line.append(' ').append(name).append('=').append(shown(value)));
        }
        return line.toString();
    }

    private static String shown(Object value) {
        if (value instanceof Boolean || value instanceof Number) {
            return value.toString();
        }
        String text = value instanceof String plain ? plain : Json.write(value);
        String cut = text.length() > WIDEST ? text.substring(0, WIDEST - 1) + "…" : text;
        boolean quoted = value instanceof String && !cut.matches("[\\p{Alnum}_.:@/#~+-]+");
        return quoted ? Json.write(cut) : cut;
    }
}
