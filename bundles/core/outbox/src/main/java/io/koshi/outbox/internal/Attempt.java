package io.koshi.outbox.internal;

import io.koshi.api.Channel;
import io.koshi.api.Pools;
import io.koshi.api.Receipt;
import io.koshi.api.Reply;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * One call of {@link Channel#send} with a time limit. A call that takes longer is interrupted and given
 * up at once, whether it heeds the interrupt or not. Confined to its thread but for the alarm.
 */
final class Attempt {
    /** What became of it. */
    sealed interface Outcome {
        record Sent(Receipt receipt) implements Outcome {}

        record Failed(Failure failure) implements Outcome {}

        /** The hub is stopping and cut it off. */
        record CutOff() implements Outcome {}

        /** It was given up before, and that has been dealt with. */
        record Late() implements Outcome {}
    }

    private final Channel channel;
    private final Reply reply;
    private Thread thread;
    private boolean over;
    private boolean givenUp;

    Attempt(Channel channel, Reply reply) {
        this.channel = channel;
        this.reply = reply;
    }

    /**
     * Sends; returns when the channel does.
     *
     * @param hung called on a work thread when the limit is passed, then this returns Late
     */
    Outcome send(Pools pools, Duration limit, Runnable hung) {
        synchronized (this) {
            thread = Thread.currentThread();
        }
        Future<?> alarm = pools.timer()
                .schedule(
                        () -> {
                            if (giveUp()) {
                                pools.work().execute(hung);
                            }
                        },
                        limit.toMillis(),
                        TimeUnit.MILLISECONDS);
        Outcome outcome = send();
        alarm.cancel(false);
        return end() ? new Outcome.Late() : outcome;
    }

    private Outcome send() {
        try {
            Receipt receipt = channel.send(reply);
            return receipt == null
                    ? new Outcome.Failed(Failure.of(new IllegalStateException("the channel gave no receipt")))
                    : new Outcome.Sent(receipt);
        } catch (InterruptedException e) {
            return new Outcome.CutOff();
        } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
            return new Outcome.Failed(Failure.of(e));
        }
    }

    private synchronized boolean giveUp() {
        if (over) {
            return false;
        }
        givenUp = true;
        thread.interrupt();
        return true;
    }

    /** Ends it, and with it the alarm's right to interrupt this thread; whether it was given up before. */
    private synchronized boolean end() {
        over = true;
        if (givenUp) {
            Thread.interrupted();
        }
        return givenUp;
    }
}
