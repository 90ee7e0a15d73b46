package io.koshi.memory.internal;

import io.koshi.api.Trust;
import io.koshi.codec.Codec;
import io.koshi.memory.Memories.Tier;
import io.koshi.memory.internal.MemoryLog.Change;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Puts the log's entries of one memory together to what they leave of it. Thread-safe. */
final class Fold {
    private final Codec codec;

    Fold(Codec codec) {
        this.codec = codec;
    }

    /** A memory as its row should be. */
    record Row(Kept kept, boolean archived) {
        /** What a row says otherwise, by name; what the log rounds may be as much apart as that. */
        List<String> differs(Kept row, boolean rowArchived) {
            Map<String, Object> said = kept.data();
            Map<String, Object> has = row.data();
            List<String> names = new ArrayList<>();
            if (archived != rowArchived) {
                names.add("archived");
            }
            Set<String> all = new LinkedHashSet<>(said.keySet());
            all.addAll(has.keySet());
            all.stream()
                    .filter(name -> !Objects.equals(said.get(name), has.get(name)))
                    .forEach(names::add);
            return names;
        }
    }

    /** Empty when it was forgotten, or when the log does not reach back to its beginning. */
    Optional<Row> of(List<Change> changes) {
        Kept kept = null;
        boolean archived = false;
        for (Change change : changes) {
            switch (change.kind()) {
                case STORED -> kept = change.detail().isEmpty() ? null : stored(change);
                case FORGOTTEN -> kept = null;
                case ARCHIVED -> archived = true;
                case RESTORED -> archived = false;
                default -> kept = kept == null || change.detail().isEmpty() ? null : changed(kept, change);
            }
        }
        boolean resting = archived;
        return Optional.ofNullable(kept).map(known -> new Row(known, resting));
    }

    private Kept stored(Change change) {
        Map<String, Object> data = new LinkedHashMap<>(change.detail());
        data.keySet().retainAll(Intake.READ);
        return codec.fromData(data, Intake.Written.class).kept(change.memory(), change.at());
    }

    private Kept changed(Kept kept, Change change) {
        Map<String, Object> detail = change.detail();
        return switch (change.kind()) {
            case REINFORCED -> weighed(kept, detail, Optional.of(change.at()));
            case DEMOTED -> weighed(kept, detail, kept.lastHitAt());
            case UPDATED ->
                new Kept(
                        kept.id(),
                        (String) detail.get("content"),
                        Tags.tidy(((List<?>) detail.get("tags"))
                                .stream().map(String::valueOf).toList()),
                        kept.source(),
                        kept.tier(),
                        kept.trust(),
                        kept.score(),
                        kept.session(),
                        kept.narrativeId(),
                        kept.taskId(),
                        kept.createdAt(),
                        Optional.of(change.at()),
                        kept.confidence());
            default ->
                kept.in(Tier.valueOf(upper(detail.get("tier")))).trusted(Trust.valueOf(upper(detail.get("trust"))));
        };
    }

    private static Kept weighed(Kept kept, Map<String, Object> detail, Optional<Instant> hitAt) {
        return new Kept(
                kept.id(),
                kept.content(),
                kept.tags(),
                kept.source(),
                kept.tier(),
                kept.trust(),
                ((Number) detail.get("score")).longValue(),
                kept.session(),
                kept.narrativeId(),
                kept.taskId(),
                kept.createdAt(),
                hitAt,
                ((Number) detail.get("confidence")).doubleValue());
    }

    private static String upper(Object word) {
        return String.valueOf(word).toUpperCase(java.util.Locale.ROOT);
    }
}
