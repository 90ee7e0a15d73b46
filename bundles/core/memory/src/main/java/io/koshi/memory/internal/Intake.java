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
    /** Far beyond what there can be, and far below what the numbers of rows end at. */
    private static final long LARGEST_ID = 1L << 40;

    static final Set<String> READ = Set.of(
            "id",
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
            @Default("0") long id,
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
            @Default("false") boolean archived) {
        /** As its author left it, who is trusted as far as it says. */
        Kept kept(long number, Instant at) {
            Trust author = trust.orElse(Trust.LOW);
            return new Kept(
                    number,
                    content,
                    Tags.tidy(tags),
                    source.orElse(""),
                    tier,
                    author,
                    Rank.bounded(score),
                    session,
                    narrativeId,
                    taskId,
                    createdAt.orElse(at),
                    lastHitAt,
                    confidence.map(c -> Math.max(0, Math.min(1, c))).orElse(Confidence.of(author)));
        }
    }

    /** A memory that comes in, and where it goes. */
    private record Incoming(Kept kept, boolean archived) {}

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
        List<Incoming> good = new ArrayList<>();
        for (Portable.Line line : lines) {
            try {
                if (line.problem() != null) {
                    throw KoshiException.invalid("", line.problem());
                }
                good.add(incoming(line.data(), by, most));
            } catch (KoshiException e) {
                problems.add(new LineProblem(line.number(), e.getMessage()));
            }
        }
        long[] counts = new long[Outcome.values().length];
        for (int i = 0; i < good.size(); i += PAGE) {
            List<Incoming> page = good.subList(i, Math.min(i + PAGE, good.size()));
            for (Outcome outcome : store.writeNow(
                    tx -> page.stream().map(one -> take(tx, one)).toList())) {
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

    private Incoming incoming(Map<String, Object> data, String by, Trust most) {
        Map<String, Object> known = new LinkedHashMap<>(data);
        known.keySet().retainAll(READ);
        Written written = codec.fromData(known, Written.class);
        Tags.text(written.tags());
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Trust trust =
                written.trust().filter(claimed -> claimed.compareTo(most) > 0).orElse(most);
        Written trusted = new Written(
                written.id(),
                written.content(),
                written.tags(),
                Optional.of(Notes.source(written.source().orElse(by))),
                written.tier(),
                Optional.of(trust),
                written.score(),
                written.confidence(),
                written.session(),
                written.narrativeId(),
                written.taskId(),
                written.createdAt().filter(at -> at.isBefore(now)),
                written.lastHitAt().filter(at -> at.isBefore(now)),
                written.archived());
        long id = written.id() > LARGEST_ID ? 0 : written.id();
        return new Incoming(trusted.kept(id, now), written.archived());
    }

    private Outcome take(Tx tx, Incoming incoming) {
        Kept kept = incoming.kept();
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
        long id = memories.insert(
                tx,
                kept.saying(content.get()).in(core ? Tier.SEMANTIC : kept.tier()),
                core && !incoming.archived());
        if (incoming.archived()) {
            memories.table().archive(tx, MemoryTable.find(tx, id).orElseThrow());
        }
        return Outcome.STORED;
    }
}
