package io.koshi.buffer.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.api.Accepted;
import io.koshi.api.ErrorCode;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionTest {
    @TempDir
    Path data;

    private House house;

    @BeforeEach
    void open() {
        house = new House(data);
    }

    @AfterEach
    void close() {
        house.close();
    }

    private int pruneAfter(Duration age) {
        Retention retention = new Retention(
                house.store,
                house.settings,
                house.pools,
                Clock.fixed(Instant.now().plus(age), ZoneOffset.UTC));
        int deleted = 0;
        Retention.Slice slice = new Retention.Slice(0, 0, false);
        while (!slice.last()) {
            slice = retention.slice(slice.after());
            deleted += slice.deleted();
        }
        retention.close();
        return deleted;
    }

    private Accepted accept(String text) {
        return house.inbox.accept(House.message("t", "c", text).withExternalId(text));
    }

    @Test
    void deletesOnlyWhatIsDoneOrDroppedAndOld() {
        Accepted done = accept("done");
        Accepted dropped = accept("dropped");
        Accepted open = accept("open");
        Accepted dead = accept("dead");
        Accepted unrouted = accept("unrouted");
        house.store.writeNow(tx -> {
            house.inbox.done(tx, List.of(done.entry()), Optional.empty());
            house.inbox.dropped(tx, List.of(dropped.entry()), "#1", "noise");
            house.inbox.routed(tx, List.of(open.entry()), "#2");
            house.inbox.dead(tx, List.of(dead.id()), "run", ErrorCode.INTERNAL, "broken");
            return null;
        });
        assertThat(pruneAfter(Duration.ofDays(6))).isZero();
        assertThat(pruneAfter(Duration.ofDays(8))).isEqualTo(2);
        for (Accepted kept : List.of(open, dead, unrouted)) {
            assertThat(house.inbox.find(kept.id())).isPresent();
        }
        assertThat(house.inbox.find(done.id())).isEmpty();
        assertThat(pruneAfter(Duration.ofDays(3000))).isZero();
    }

    @Test
    void keepsDeliveryIdsADayWhateverIsConfigured() {
        house.settings.configure(
                Map.of("buffer", Map.of("retentionDays", 1L, "batchWindowMs", 0L), "store", Map.of("minFreeMB", 0L)));
        Accepted done = accept("delivery");
        house.store.writeNow(tx -> {
            house.inbox.done(tx, List.of(done.entry()), Optional.empty());
            return null;
        });
        assertThat(pruneAfter(Duration.ofHours(23))).isZero();
        assertThat(accept("delivery").duplicate()).isTrue();
        assertThat(pruneAfter(Duration.ofHours(25))).isEqualTo(1);
    }

    @Test
    void deletesInSlices() {
        for (int i = 0; i < 5; i++) {
            int from = i * 1000;
            house.store.writeNow(tx -> {
                for (int n = from; n < from + 1000; n++) {
                    tx.update(
                            "INSERT INTO buffer_message VALUES (?, ?, 't', 'c', NULL, 50, 0, x'00', zeroblob(9000))",
                            n + 1,
                            "id" + n);
                    tx.update("INSERT INTO buffer_state (entry, state, ended_at) VALUES (?, 'done', 0)", n + 1);
                }
                return null;
            });
        }
        Retention retention = new Retention(house.store, house.settings, house.pools, Clock.systemUTC());
        Retention.Slice first = retention.slice(0);
        assertThat(first.deleted()).isPositive().isLessThan(5000);
        assertThat(first.last()).isFalse();
        retention.close();
        assertThat(pruneAfter(Duration.ZERO)).isEqualTo(5000 - first.deleted());
        assertThat(house.store.<Long>read(tx -> tx.number("SELECT count(*) FROM buffer_message")))
                .isZero();
    }
}
