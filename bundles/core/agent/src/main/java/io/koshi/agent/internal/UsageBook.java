package io.koshi.agent.internal;

import io.koshi.config.Settings;
import io.koshi.model.Usage;
import io.koshi.rpc.Doc;
import io.koshi.store.Row;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** Keeps what every attempt used and cost, at the price of its day. Thread-safe. */
final class UsageBook {
    private static final String SUMS = "COUNT(DISTINCT run_id) AS runs, COALESCE(SUM(input_tokens), 0) AS input_tokens,"
            + " COALESCE(SUM(output_tokens), 0) AS output_tokens,"
            + " COALESCE(SUM(cache_read_tokens), 0) AS cache_read_tokens,"
            + " COALESCE(SUM(cache_write_tokens), 0) AS cache_write_tokens, SUM(cost) AS cost";

    private final Store store;
    private final Settings settings;

    UsageBook(Store store, Settings settings) {
        this.store = store;
        this.settings = settings;
    }

    /** What usage is summed up by. */
    enum By {
        MODEL,
        SKILL,
        SESSION,
        DAY
    }

    /** A sum. */
    record Sum(
            @Doc("What it is the sum of.") String name,
            @Doc("Runs that used something.") long runs,
            @Doc("Tokens.") Usage usage,

            @Doc("What they cost, where their models have a price.")
            Optional<Double> cost) {}

    /** Adds what a run has used since it was last added; in the commit of that use. */
    void add(Tx tx, StoredTurn stored, Usage total) {
        Usage before = stored.used();
        Usage used = new Usage(
                total.inputTokens() - before.inputTokens(),
                total.outputTokens() - before.outputTokens(),
                total.cacheReadTokens() - before.cacheReadTokens(),
                total.cacheWriteTokens() - before.cacheWriteTokens());
        if (used.equals(Usage.NONE)) {
            return;
        }
        String model = tx.first("SELECT used_model FROM turn WHERE n = ?", row -> row.text("used_model"), stored.n())
                .orElse(Chain.OFFLINE);
        OptionalDouble cost = Prices.of(settings.config(), model, used);
        tx.update(
                "INSERT INTO token_usage (run_id, session, skill, model, input_tokens, output_tokens,"
                        + " cache_read_tokens, cache_write_tokens, cost, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                stored.turn().runId(),
                stored.turn().sessionKey(),
                stored.assignment().skill(),
                model,
                used.inputTokens(),
                used.outputTokens(),
                used.cacheReadTokens(),
                used.cacheWriteTokens(),
                cost.isPresent() ? cost.getAsDouble() : null,
                Instant.now());
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
            case MODEL, SESSION -> by.name().toLowerCase(Locale.ROOT);
            case SKILL -> "COALESCE(skill, 'main agent')";
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
