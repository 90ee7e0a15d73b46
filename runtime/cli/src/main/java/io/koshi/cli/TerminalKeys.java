package io.koshi.cli;

import java.io.PrintStream;
import sun.misc.Signal;

/** What a person's keys do to a command that goes on at a terminal until it is ended. */
final class TerminalKeys {
    private static final int INTERRUPTED = 130;

    private TerminalKeys() {}

    /** Ctrl-C ends the line that was being shown, so that the shell's prompt has one of its own. */
    static void endsItsLine(PrintStream out) {
        if (Terminal.there()) {
            Signal.handle(new Signal("INT"), signal -> {
                out.println();
                System.exit(INTERRUPTED);
            });
        }
    }

    /** After Ctrl-Z and {@code fg} the person sees again what is waited for. */
    static void showsAgain(Runnable prompt) {
        Signal.handle(new Signal("CONT"), signal -> prompt.run());
    }
}
