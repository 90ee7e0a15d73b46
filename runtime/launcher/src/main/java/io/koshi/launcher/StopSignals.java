package io.koshi.launcher;

import java.util.List;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * What signals do until the hub room takes them over: TERM and INT stop the house, as soon as there is one; HUP and
 * USR1, which would end the process by default, do nothing yet. Thread-safe.
 */
final class StopSignals {
    private House house;
    private boolean asked;

    /** Takes the signals from the JVM. */
    static StopSignals install() {
        StopSignals signals = new StopSignals();
        List.of("TERM", "INT").forEach(name -> Signal.handle(new Signal(name), signal -> signals.stop()));
        List.of("HUP", "USR1").forEach(name -> Signal.handle(new Signal(name), SignalHandler.SIG_IGN));
        return signals;
    }

    /** Names the house to stop; one that was asked to stop before it stood is stopped at once. */
    synchronized void guard(House standing) {
        house = standing;
        if (asked) {
            house.stop();
        }
    }

    private synchronized void stop() {
        asked = true;
        if (house != null) {
            house.stop();
        }
    }
}
