package io.koshi.agent.internal;

import io.koshi.hub.Traced;
import io.koshi.store.Row;
import io.koshi.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Knows which runs and tool calls a message went through; a run nobody's message began is its own. Thread-safe. */
@Component(name = "io.koshi.agent.trace", service = Traced.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class AgentTrace implements Traced {
    /** Turns of a message, or the one run by that id. */
    private static final String OF_MESSAGE =
            "(t.run_id = ? OR t.n IN (SELECT turn FROM turn_message WHERE message = ?))";

    private final Store store;

    @Activate
    public AgentTrace(@Reference Store store, @Reference TurnRoom room) {
        this.store = store; // the room has made the tables
    }

    @Override
    public List<String> resolve(String ref) {
        return store.read(tx -> {
            List<String> ids = tx.query(
                    "SELECT m.message FROM turn t JOIN turn_message m ON m.turn = t.n"
                            + " WHERE t.run_id = ? OR t.task_id = ? ORDER BY m.turn, m.n",
                    row -> row.text("message"),
                    ref,
                    ref);
            return !ids.isEmpty()
                    ? ids
                    : tx.query(
                            "SELECT run_id FROM turn WHERE run_id = ? OR task_id = ?",
                            row -> row.text("run_id"),
                            ref,
                            ref);
        });
    }

    @Override
    public List<Hop> hops(String messageId) {
        return store.read(tx -> {
            List<Hop> hops = new ArrayList<>(tx.query(
                    "SELECT t.* FROM turn t WHERE " + OF_MESSAGE + " ORDER BY t.n",
                    AgentTrace::run,
                    messageId,
                    messageId));
            hops.addAll(tx.query(
                    "SELECT f.*, t.run_id FROM turn_failure f JOIN turn t ON t.n = f.turn WHERE " + OF_MESSAGE
                            + " ORDER BY f.turn, f.attempt",
                    row -> new Hop(
                            row.instant("at"),
                            "failed",
                            row.text("run_id"),
                            (int) row.number("attempt"),
                            0,
                            row.text("code") + ": " + row.text("error")),
                    messageId,
                    messageId));
            hops.addAll(tx.query(
                    "SELECT c.*, t.attempt FROM turn_call c JOIN turn t ON t.n = c.turn WHERE " + OF_MESSAGE
                            + " ORDER BY c.turn, c.n",
                    row -> new Hop(
                            row.instant("at"),
                            "tool",
                            row.text("call_id"),
                            (int) row.number("attempt"),
                            row.number("ms"),
                            row.text("name") + (row.flag("ok") ? "" : " failed")),
                    messageId,
                    messageId));
            return hops;
        });
    }

    private static Hop run(Row row) {
        Instant began = row.isNull("started_at") ? row.instant("created_at") : row.instant("started_at");
        Instant ended = row.instant("ended_at");
        long ms = ended == null ? 0 : Math.max(0, Duration.between(began, ended).toMillis());
        String model = row.optional("used_model").map(name -> " with " + name).orElse("");
        return new Hop(began, "run", row.text("run_id"), (int) row.number("attempt"), ms, row.text("state") + model);
    }
}
