package io.koshi.memory.internal;

import io.koshi.api.Trust;
import io.koshi.memory.Memories.Memory;
import io.koshi.memory.Memories.Tier;
import io.koshi.store.Row;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A memory with all its table has of it. */
record Kept(
        long id,
        String content,
        List<String> tags,
        String source,
        Tier tier,
        Trust trust,
        long score,
        Optional<String> session,
        Optional<Long> narrativeId,
        Optional<String> taskId,
        Instant createdAt,
        Optional<Instant> lastHitAt,
        double confidence) {

    static Kept of(Row row) {
        return new Kept(
                row.number("id"),
                row.text("content"),
                Tags.of(row.text("tags")),
                row.text("source"),
                Tier.valueOf(row.text("tier").toUpperCase(Locale.ROOT)),
                Trust.valueOf(row.text("trust").toUpperCase(Locale.ROOT)),
                row.number("score"),
                row.optional("session"),
                row.isNull("narrative_id") ? Optional.empty() : Optional.of(row.number("narrative_id")),
                row.optional("task_id"),
                row.instant("created_at"),
                Optional.ofNullable(row.instant("last_hit_at")),
                row.real("confidence"));
    }

    Kept in(Tier other) {
        return new Kept(
                id,
                content,
                tags,
                source,
                other,
                trust,
                score,
                session,
                narrativeId,
                taskId,
                createdAt,
                lastHitAt,
                confidence);
    }

    Kept saying(String other) {
        return new Kept(
                id,
                other,
                tags,
                source,
                tier,
                trust,
                score,
                session,
                narrativeId,
                taskId,
                createdAt,
                lastHitAt,
                confidence);
    }

    Kept at(Instant other) {
        return new Kept(
                id,
                content,
                tags,
                source,
                tier,
                trust,
                score,
                session,
                narrativeId,
                taskId,
                other,
                lastHitAt,
                confidence);
    }

    Kept trusted(Trust other) {
        return new Kept(
                id,
                content,
                tags,
                source,
                tier,
                other,
                score,
                session,
                narrativeId,
                taskId,
                createdAt,
                lastHitAt,
                confidence);
    }

    /** When it was last of use, else made. */
    Instant freshAt() {
        return lastHitAt.orElse(createdAt);
    }

    Memory ranked(double rank, boolean archived) {
        return new Memory(
                id,
                content,
                tags,
                source,
                tier.word(),
                trust,
                score,
                Rank.rounded(rank),
                createdAt,
                lastHitAt,
                Rank.rounded(confidence),
                archived);
    }

    /** What it takes to make it anew: for the log and for export. */
    Map<String, Object> data() {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("content", content);
        data.put("tags", tags);
        data.put("source", source);
        data.put("tier", tier.word());
        data.put("trust", trust.name().toLowerCase(Locale.ROOT));
        data.put("score", score);
        data.put("confidence", Rank.rounded(confidence));
        session.ifPresent(key -> data.put("session", key));
        narrativeId.ifPresent(narrative -> data.put("narrativeId", narrative));
        taskId.ifPresent(task -> data.put("taskId", task));
        data.put("createdAt", createdAt.toString());
        lastHitAt.ifPresent(at -> data.put("lastHitAt", at.toString()));
        return data;
    }
}
