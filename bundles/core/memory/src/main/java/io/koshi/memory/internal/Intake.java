package io.koshi.memory.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import io.koshi.codec.Codec;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.memory.Memories.Tier;
import io.koshi.rpc.Doc;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Takes memories in that were written elsewhere. What is known already stays as it is, so that the same text may be
 * taken in again, and a text whose taking in was cut off goes on where it was. Thread-safe.
 */
final class Intake {
    private static final int PAGE = 100;
    private static final int MOST_PROBLEMS = 20;
    private static final Set<String> READ = Set.of(
            "content",
            "tags",
            "source",
            "tier",
            "trust",
            "score",
            "confidence",
            "session",
            "narrativeId",
            "taskId",
            "createdAt",
            "lastHitAt",
            "archived");

    private final Store store;
    private final Recollection memories;
    private final Codec codec;

    Intake(Store store, Recollection memories, Codec codec) {
        this.store = store;
        this.memories = memories;
        this.codec = codec;
    }

    /** A memory as it is written outside. */
    record Written(
            @Range(min = 1, max = Recollection.MAX_CONTENT) String content,
            @Default("[]") List<String> tags,
            @Range(max = 200) Optional<String> source,
            @Default("\"episodic\"") Tier tier,
            Optional<Trust> trust,
            @Default("0") long score,
            Optional<Double> confidence,
            Optional<String> session,
            Optional<Long> narrativeId,
            Optional<String> taskId,
            Optional<Instant> createdAt,
            Optional<Instant> lastHitAt,
            @Default("false") boolean archived) {}

    /** What is wrong on a line. */
    record LineProblem(
            @Doc("The line of the text, from 1.") int line,
            @Doc("What is wrong there.") String problem) {}

    /** What became of a text. */
    record Taken(
            @Doc("How many memories the text has.") long read,
            @Doc("How many of them are new.") long stored,

            @Doc("How many were known, and stay as they were.")
            long known,

            @Doc("How many were refused: malformed, or nothing but instructions to a model.")
            long refused,

            @Doc("What is wrong with the first of those that are malformed.")
            List<LineProblem> problems) {}

    /** @param most how far the one who brings them is trusted */
    Taken take(List<Portable.Line> lines, String by, Trust most) {
        List<LineProblem> problems = new ArrayList<>();
        List<Kept> good = new ArrayList<>();
        for (Portable.Line line : lines) {
            try {
                if (line.problem() != null) {
                    throw KoshiException.invalid("", line.problem());
                }
                good.add(kept(line.data(), by, most));
            } catch (KoshiException e) {
                problems.add(new LineProblem(line.number(), e.getMessage()));
            }
        }
        long[] counts = new long[Outcome.values().length];
        for (int i = 0; i < good.size(); i += PAGE) {
            List<Kept> page = good.subList(i, Math.min(i + PAGE, good.size()));
            for (Outcome outcome : store.writeNow(
                    tx -> page.stream().map(kept -> take(tx, kept)).toList())) {
                counts[outcome.ordinal()]++;
            }
        }
        memories.embed();
        return new Taken(
                lines.size(),
                counts[Outcome.STORED.ordinal()],
                counts[Outcome.KNOWN.ordinal()],
                problems.size() + counts[Outcome.REFUSED.ordinal()],
                problems.stream().limit(MOST_PROBLEMS).toList());
    }

    private enum Outcome {
        STORED,
        KNOWN,
        REFUSED
    }

    private Kept kept(Map<String, Object> data, String by, Trust most) {
        Map<String, Object> known = new LinkedHashMap<>(data);
        known.keySet().retainAll(READ);
        Written written = codec.fromData(known, Written.class);
        Tags.text(written.tags());
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Trust trust =
                written.trust().filter(claimed -> claimed.compareTo(most) > 0).orElse(most);
        return new Kept(
                0,
                written.content(),
                written.tags(),
                Notes.source(written.source().orElse(by)),
                written.tier(),
                trust,
                Rank.bounded(written.score()),
                written.session(),
                written.narrativeId(),
                written.taskId(),
                written.createdAt().filter(at -> at.isBefore(now)).orElse(now),
                written.lastHitAt().filter(at -> at.isBefore(now)),
                written.confidence().map(c -> Math.max(0, Math.min(1, c))).orElse(Confidence.of(trust)));
    }

    private Outcome take(Tx tx, Kept kept) {
        Optional<String> content = memories.cleaning().clean(tx, kept.content(), kept.source(), kept.trust());
        if (content.isEmpty()) {
            return Outcome.REFUSED;
        }
        String sameness = Words.sameness(content.get());
        if (tx.number(
                        "SELECT EXISTS (SELECT 1 FROM memory WHERE sameness = ?)"
                                + " + EXISTS (SELECT 1 FROM memory_archive WHERE sameness = ?)",
                        sameness,
                        sameness)
                > 0) {
            return Outcome.KNOWN;
        }
        boolean core = kept.tier() == Tier.CORE;
        memories.insert(tx, kept.saying(content.get()).in(core ? Tier.SEMANTIC : kept.tier()), core);
        return Outcome.STORED;
    }
}
