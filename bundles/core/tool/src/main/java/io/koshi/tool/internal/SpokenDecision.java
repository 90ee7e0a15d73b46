package io.koshi.tool.internal;

import io.koshi.api.Address;
import io.koshi.api.Batch;
import io.koshi.api.Message;
import io.koshi.api.Part;
import io.koshi.api.Problem;
import io.koshi.outbox.Outbox;
import io.koshi.router.Action;
import io.koshi.session.Sessions;
import io.koshi.store.Tx;
import io.koshi.tool.Approvals.Pending;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * {@code /approve} and {@code /deny} in a conversation: of what is asked in that conversation and nowhere else. Which one
 * is meant by the end of its id, or by nothing at all where only one waits. Thread-safe.
 */
final class SpokenDecision {
    private static final int LEAST = 4;

    private final ApprovalDesk desk;
    private final Sessions sessions;
    private final Outbox outbox;
    private final boolean allow;

    SpokenDecision(ApprovalDesk desk, Sessions sessions, Outbox outbox, boolean allow) {
        this.desk = desk;
        this.sessions = sessions;
        this.outbox = outbox;
        this.allow = allow;
    }

    static List<Problem> noRule() {
        return List.of(new Problem("", "only a person can say this; a rule cannot do it"));
    }

    Action.Outcome apply(Tx tx, Batch batch, Object argument) {
        Message said = batch.first().message();
        String session = sessions.keyOf(batch.from(), said.sender());
        List<Pending> asked = desk.pending().stream()
                .filter(pending -> desk.isAskedOf(pending, batch.from(), session))
                .toList();
        answer(tx, batch, decide(tx, asked, said, String.valueOf(argument).strip()));
        return Action.Outcome.DONE;
    }

    private String decide(Tx tx, List<Pending> asked, Message said, String id) {
        List<Pending> meant = id.isEmpty()
                ? asked
                : asked.stream().filter(one -> named(one, id)).toList();
        if (meant.size() != 1) {
            return meant.isEmpty()
                    ? "Nothing waits for your approval here" + (id.isEmpty() ? "." : " under " + id + ".")
                    : "Say which: "
                            + String.join(
                                    ", ",
                                    meant.stream().map(SpokenDecision::shown).toList());
        }
        Pending one = meant.get(0);
        String by = said.sender() + " on " + said.from().channel();
        if (!desk.decide(tx, one, allow, by)) {
            return "That is decided already.";
        }
        return (allow ? "Approved: " : "Denied: ") + one.request().tool() + ".";
    }

    private static boolean named(Pending pending, String id) {
        String upper = id.toUpperCase(Locale.ROOT);
        return upper.length() >= LEAST && pending.id().endsWith(upper);
    }

    private static String shown(Pending pending) {
        return pending.request().tool() + " " + ApprovalWords.shortId(pending.id());
    }

    private void answer(Tx tx, Batch batch, String words) {
        Address to = batch.from();
        outbox.enqueue(
                tx, to, List.of(Part.text(words)), Optional.of(batch.first().id()), Optional.empty());
    }
}
