package io.koshi.outbox.internal;

import io.koshi.api.Channel;
import io.koshi.api.ErrorCode;
import io.koshi.api.Pools;
import io.koshi.api.Receipt;
import io.koshi.config.Settings;
import io.koshi.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one way a reply leaves: marked as being sent in one commit, handed to its channel, marked with what
 * came of it in the next. Thread-safe.
 */
final class Delivery implements Port.Carrier {
    private static final Logger log = LoggerFactory.getLogger(Delivery.class);
    private static final Duration STORE_WAIT = Duration.ofSeconds(1);

    private final Store store;
    private final Ledger ledger;
    private final Pools pools;
    private final Settings settings;
    private final SendingEvents events;
    private final Pace pace;
    private final long newestOld;
    private final AtomicInteger underWay = new AtomicInteger();
    private final LongAdder hanging = new LongAdder();
    private volatile boolean stopping;

    /** @param newestOld place of the newest reply that waited from before the start */
    Delivery(
            Store store,
            Ledger ledger,
            Pools pools,
            Settings settings,
            SendingEvents events,
            Pace pace,
            long newestOld) {
        this.store = store;
        this.ledger = ledger;
        this.pools = pools;
        this.settings = settings;
        this.events = events;
        this.pace = pace;
        this.newestOld = newestOld;
    }

    @Override
    public void carry(Port port, Lane lane, Slots slots, Channel channel) {
        underWay.incrementAndGet();
        try {
            if (!stopping) {
                take(port, lane, channel);
            }
        } finally {
            port.leave(slots);
            if (underWay.decrementAndGet() == 0) {
                synchronized (this) {
                    notifyAll();
                }
            }
        }
    }

    private void take(Port port, Lane lane, Channel channel) {
        Instant now = Instant.now();
        Ledger.Claim claim;
        try {
            claim = store.writeNow(tx -> ledger.claim(tx, lane.to, now));
        } catch (RuntimeException e) {
            log.warn("Replies wait, as the store cannot be written: {}", e.getMessage());
            port.pause(lane, STORE_WAIT);
            return;
        }
        if (claim instanceof Ledger.Claim.Send send) {
            if (send.line().n() > newestOld) {
                port.caughtUp(lane);
            }
            send(port, lane, channel, send.line());
        } else if (claim instanceof Ledger.Claim.Later later) {
            port.pause(lane, Duration.between(now, later.at()));
        } else if (claim instanceof Ledger.Claim.Expired expired) {
            events.failed(expired.line(), ErrorCode.TIMEOUT, Ledger.expired(expired.line()), true);
            port.proceed(lane, false);
        } else {
            port.proceed(lane, true);
        }
    }

    private void send(Port port, Lane lane, Channel channel, Ledger.Line line) {
        Attempt attempt = new Attempt(channel, line.reply());
        Attempt.Outcome outcome = attempt.send(pools, pace.sendLimit(), () -> {
            hanging.increment();
            failed(port, lane, line, Failure.hung(pace.sendLimit()));
        });
        if (outcome instanceof Attempt.Outcome.Sent sent) {
            sent(port, lane, line, sent.receipt());
        } else if (outcome instanceof Attempt.Outcome.Failed failed) {
            failed(port, lane, line, failed.failure());
        } else if (outcome instanceof Attempt.Outcome.Late) {
            hanging.decrement();
        } else if (!stopping) {
            failed(port, lane, line, Failure.of(new InterruptedException("the channel was interrupted")));
        }
    }

    private void sent(Port port, Lane lane, Ledger.Line line, Receipt receipt) {
        Instant now = Instant.now();
        settle(
                tx -> {
                    ledger.sent(tx, line.id(), receipt, now);
                    return null;
                },
                () -> {
                    events.sent(line, receipt);
                    port.proceed(lane, false);
                },
                1);
    }

    private void failed(Port port, Lane lane, Ledger.Line line, Failure failure) {
        Instant now = Instant.now();
        boolean last = !failure.again()
                || line.attempts() >= settings.config().outbox().maxAttempts();
        Duration wait = failure.after().orElseGet(() -> pace.waitAfter(line.attempts()));
        settle(
                tx -> {
                    if (last) {
                        ledger.dead(tx, line.id(), failure.code(), failure.message(), now);
                    } else {
                        ledger.retry(
                                tx, line.id(), failure.code(), failure.message(), failure.doubtful(), now.plus(wait));
                    }
                    return null;
                },
                () -> {
                    events.failed(line, failure.code(), failure.message(), last);
                    log.warn(
                            "Reply {} on {} was not sent at attempt {}: {}{}",
                            line.id(),
                            line.to().channel(),
                            line.attempts(),
                            failure.message(),
                            last ? "; it is a dead letter now (koshi call outbox.redrive)" : "");
                    if (last) {
                        port.proceed(lane, false);
                    } else {
                        port.pause(lane, wait);
                    }
                },
                1);
    }

    /** Writes what became of a reply, again and again until it is written: it must not be sent once more. */
    private void settle(Store.Work<Object> outcome, Runnable then, int tries) {
        try {
            store.writeNow(outcome);
        } catch (RuntimeException e) {
            log.warn("What became of a reply cannot be written yet: {}", e.getMessage());
            if (!stopping) {
                pools.timer()
                        .schedule(
                                () -> pools.work().execute(() -> settle(outcome, then, tries + 1)),
                                pace.waitAfter(tries).toMillis(),
                                TimeUnit.MILLISECONDS);
            }
            return;
        }
        then.run();
    }

    /** Threads that a channel holds past the time limit. */
    long hanging() {
        return hanging.sum();
    }

    /** Takes no more replies in hand and waits for those that are; those that take longer stay as they are. */
    void stop(Duration limit) throws InterruptedException {
        stopping = true;
        long end = System.nanoTime() + limit.toNanos();
        synchronized (this) {
            while (underWay.get() > 0) {
                long left = (end - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return;
                }
                wait(left);
            }
        }
    }
}
