package io.koshi.plugin.internal;

import static io.koshi.plugin.internal.PluginFailure.Phase.START;
import static io.koshi.plugin.internal.PluginFailure.Phase.TIMEOUT;

import io.koshi.api.Loop;
import io.koshi.api.Pools;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs what calls a plugin's own code on a thread of its own, and gives up on it in time. A thread that does not even heed
 * its interrupt is left behind, and the pools' health shows it. Thread-safe.
 */
record TimeLimit(Pools pools, Duration limit) {
    /** What may fail as a plugin fails, or in any other way. */
    @FunctionalInterface
    interface Act {
        void run() throws Exception;
    }

    /** @throws PluginFailure the act's own, or START for any other failure, or TIMEOUT */
    void run(String plugin, Act act) throws PluginFailure {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Loop loop = pools.loop("plugin-" + plugin, () -> {
            try {
                act.run();
                done.complete(null);
            } catch (Throwable failure) { // a plugin may throw anything, errors of linkage among it
                done.completeExceptionally(failure);
            }
        });
        try {
            done.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw failure(plugin, e.getCause());
        } catch (TimeoutException e) {
            pools.work().execute(loop::close); // interrupts at once; its patience is nobody else's
            throw new PluginFailure(
                    TIMEOUT, "'" + plugin + "' did not start within " + limit.toSeconds() + " s and was taken out", e);
        } catch (InterruptedException e) {
            loop.close();
            Thread.currentThread().interrupt();
            throw new PluginFailure(TIMEOUT, "'" + plugin + "' was interrupted by the hub's stop", e);
        }
    }

    private static PluginFailure failure(String plugin, Throwable cause) {
        return cause instanceof PluginFailure failure
                ? failure
                : new PluginFailure(START, "'" + plugin + "' failed: " + cause, cause);
    }
}
