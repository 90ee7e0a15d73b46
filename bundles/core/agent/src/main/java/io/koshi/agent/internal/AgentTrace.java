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
import org.osgi.service.component.annotations.Reference;

/** Knows which runs and tool calls a message went through; a run nobody's message began is its own. Thread-safe. */
@Component(name = "io.koshi.agent.trace", service = Traced.class)
public final class AgentTrace implements Traced {
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
            List<Hop> hops = new ArrayList<>();
            tx.query(
                            "SELECT * FROM turn WHERE run_id = ? OR n IN"
                                    + " (SELECT turn FROM turn_message WHERE message = ?) ORDER BY n",
                            AgentTrace::hops,
                            messageId,
                            messageId)
                    .forEach(hops::addAll);
            hops.addAll(tx.query(
                    "SELECT c.*, t.attempt FROM turn_call c JOIN turn t ON t.n = c.turn WHERE t.run_id = ? OR t.n IN"
                            + " (SELECT turn FROM turn_message WHERE message = ?) ORDER BY c.turn, c.n",
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

    private static List<Hop> hops(Row row) {
        Instant began = row.isNull("started_at") ? row.instant("created_at") : row.instant("started_at");
        Instant ended = row.instant("ended_at");
        int attempt = (int) row.number("attempt");
        String runId = row.text("run_id");
        long ms = ended == null ? 0 : Math.max(0, Duration.between(began, ended).toMillis());
        List<Hop> hops = new ArrayList<>();
        String model = row.optional("used_model").map(name -> " with " + name).orElse("");
        hops.add(new Hop(began, "run", runId, attempt, ms, row.text("state") + model));
        if (!row.isNull("error")) {
            boolean failed = row.text("state").equals("failed");
            Instant at = failed ? ended : began;
            String detail = row.text("error_code") + ": " + row.text("error");
            hops.add(new Hop(at, "failed", runId, attempt, 0, failed ? detail : "an earlier attempt: " + detail));
        }
        return hops;
    }
}
