package io.koshi.frame.internal;

import io.koshi.frame.Form;
import io.koshi.frame.Line;
import java.util.ArrayList;
import java.util.List;

/**
 * Gathers what the frames of one read give rise to, so that each client is written to once for all of it. Outside of a
 * read everything goes at once. Confined to the reading thread while it gathers.
 */
final class Sending {
    private static final ThreadLocal<Sending> GATHERING = new ThreadLocal<>();

    private final List<Line> lines = new ArrayList<>(4);

    private Sending() {}

    /** What is sent on this thread from now on waits for {@link #settle}. */
    static void gather() {
        if (GATHERING.get() == null) {
            GATHERING.set(new Sending());
        }
    }

    static void send(Line line, Form form, byte[] frame) {
        line.send(form, frame);
        Sending gathering = GATHERING.get();
        if (gathering == null) {
            line.flush();
        } else if (!gathering.lines.contains(line)) {
            gathering.lines.add(line);
        }
    }

    static void settle() {
        Sending gathering = GATHERING.get();
        if (gathering != null) {
            GATHERING.remove();
            gathering.lines.forEach(Line::flush);
        }
    }
}
