package io.koshi.agent.internal;

import io.koshi.config.Settings;
import io.koshi.model.Spending;
import io.koshi.model.Usage;
import io.koshi.rpc.Doc;
import io.koshi.store.Row;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what every call of a model used and cost, at the price of its day. Thread-safe. */
@Component(
        name = "io.koshi.agent.usage",
        service = {Spending.class, UsageBook.class},
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class UsageBook implements Spending {
    private static final Logger LOG = LoggerFactory.getLogger(UsageBook.class);
    private static final String NO_RUN = "";
    private static final int MOST_UNWRITTEN = 1000;
    private static final String SUMS =
            "COUNT(DISTINCT NULLIF(run_id, '')) AS runs, COALESCE(SUM(input_tokens), 0) AS input_tokens,"
                    + " COALESCE(SUM(output_tokens), 0) AS output_tokens,"
                    + " COALESCE(SUM(cache_read_tokens), 0) AS cache_read_tokens,"
                    + " COALESCE(SUM(cache_write_tokens), 0) AS cache_write_tokens, SUM(cost) AS cost";

    private final Store store;
    private final Settings settings;
    private final Queue<Spent> unwritten = new ConcurrentLinkedQueue<>();

    @Activate
    public UsageBook(@Reference Store store, @Reference Settings settings) {
        this.store = store;
        this.settings = settings;
        TurnTables.migrate(store);
    }

    private record Spent(
            Purpose purpose,
            String runId,
            String session,
            Optional<String> skill,
            String model,
            Usage used,
            Instant at) {}

    /** What usage is summed up by. */
    enum By {
        MODEL,
        SKILL,
        SESSION,
        PURPOSE,
        DAY
    }

    /** A sum. */
    record Sum(
            @Doc("What it is the sum of.") String name,
            @Doc("Runs that used something.") long runs,
            @Doc("Tokens.") Usage usage,

            @Doc("What they cost, where their models have a price.")
            Optional<Double> cost) {}

    /** What a call of a model in a run has used. */
    void spent(Purpose purpose, StoredTurn turn, String model, Usage used) {
        if (!used.equals(Usage.NONE)) {
            write(new Spent(
                    purpose,
                    turn.turn().runId(),
                    turn.turn().sessionKey(),
                    turn.assignment().skill(),
                    model,
                    used,
                    Instant.now()));
        }
    }

    @Override
    public void spent(Purpose purpose, String model, Usage used) {
        if (!used.equals(Usage.NONE)) {
            Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS);
            write(new Spent(purpose, NO_RUN, NO_RUN, Optional.empty(), model, used, hour));
        }
    }

    /** With what could not be written before; what cannot be now waits for the next. */
    private void write(Spent spent) {
        List<Spent> all = new ArrayList<>();
        for (Spent before = unwritten.poll(); before != null; before = unwritten.poll()) {
            all.add(before);
        }
        all.add(spent);
        store.write(tx -> {
                    all.forEach(one -> add(tx, one));
                    return null;
                })
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        all.stream()
                                .skip(Math.max(0, all.size() - MOST_UNWRITTEN))
                                .forEach(unwritten::add);
                        LOG.debug("what models used is written later: {}", failure.toString());
                    }
                });
    }

    private void add(Tx tx, Spent spent) {
        OptionalDouble cost = Prices.of(settings.config(), spent.model(), spent.used());
        Double price = cost.isPresent() ? cost.getAsDouble() : null;
        Usage used = spent.used();
        // calls outside of runs are many and small: one row an hour
        boolean added = spent.runId().equals(NO_RUN)
                && tx.update(
                                "UPDATE token_usage SET input_tokens = input_tokens + ?, output_tokens = output_tokens + ?,"
                                        + " cost = CASE WHEN ? IS NULL THEN cost ELSE COALESCE(cost, 0) + ? END"
                                        + " WHERE at = ? AND run_id = ? AND purpose = ? AND model = ?",
                                used.inputTokens(),
                                used.outputTokens(),
                                price,
                                price,
                                spent.at(),
                                spent.runId(),
                                name(spent.purpose()),
                                spent.model())
                        > 0;
        if (!added) {
            tx.update(
                    "INSERT INTO token_usage (run_id, session, skill, model, input_tokens, output_tokens,"
                            + " cache_read_tokens, cache_write_tokens, cost, at, purpose)"
                            + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    spent.runId(),
                    spent.session(),
                    spent.skill(),
                    spent.model(),
                    used.inputTokens(),
                    used.outputTokens(),
                    used.cacheReadTokens(),
                    used.cacheWriteTokens(),
                    price,
                    spent.at(),
                    name(spent.purpose()));
        }
    }

    private static String name(Enum<?> one) {
        return one.name().toLowerCase(Locale.ROOT);
    }

    /** What this much of a model costs now; empty where it has no price. */
    Optional<Double> price(String model, Usage used) {
        OptionalDouble cost = Prices.of(settings.config(), model, used);
        return cost.isPresent() ? Optional.of(cost.getAsDouble()) : Optional.empty();
    }

    /** What a run cost so far; empty where its models have no price. */
    static Optional<Double> cost(Tx tx, String runId) {
        return tx.first("SELECT SUM(cost) AS cost FROM token_usage WHERE run_id = ?", UsageBook::cost, runId)
                .flatMap(cost -> cost);
    }

    /** All that was used since a moment. */
    Sum total(Instant since) {
        return store.read(
                tx -> tx.first("SELECT '' AS name, " + SUMS + " FROM token_usage WHERE at >= ?", UsageBook::sum, since)
                        .orElseThrow());
    }

    /** The same in groups, what was used most first. */
    List<Sum> groups(Instant since, By by) {
        String name = switch (by) {
            case MODEL, PURPOSE -> name(by);
            case SESSION -> "COALESCE(NULLIF(session, ''), 'no session')";
            case SKILL -> "CASE WHEN run_id = '' THEN 'no run' ELSE COALESCE(skill, 'main agent') END";
            case DAY -> "strftime('%Y-%m-%d', at / 1000, 'unixepoch')";
        };
        return store.read(tx -> tx.query(
                "SELECT " + name + " AS name, " + SUMS + " FROM token_usage WHERE at >= ? GROUP BY 1"
                        + " ORDER BY SUM(input_tokens + output_tokens) DESC, 1 LIMIT 1000",
                UsageBook::sum,
                since));
    }

    /** Forgets what is older than {@code age}; returns how much, at most 500. */
    int forget(Duration age) {
        return store.writeNow(tx -> tx.update(
                "DELETE FROM token_usage WHERE id IN (SELECT id FROM token_usage WHERE at < ? ORDER BY at LIMIT 500)",
                Instant.now().minus(age)));
    }

    private static Sum sum(Row row) {
        return new Sum(row.text("name"), row.number("runs"), AgentViews.usage(row), cost(row));
    }

    private static Optional<Double> cost(Row row) {
        return row.isNull("cost") ? Optional.empty() : Optional.of(row.real("cost"));
    }
}
