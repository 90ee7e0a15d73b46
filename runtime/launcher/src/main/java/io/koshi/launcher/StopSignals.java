package io.koshi.launcher;

import java.util.List;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * What signals do until the hub room takes them over: TERM and INT stop the house, HUP and USR1, which would end the
 * process by default, do nothing yet.
 */
final class StopSignals {
    private StopSignals() {}

    static void install(House house) {
        List.of("TERM", "INT").forEach(name -> Signal.handle(new Signal(name), signal -> house.stop()));
        List.of("HUP", "USR1").forEach(name -> Signal.handle(new Signal(name), SignalHandler.SIG_IGN));
    }
}
