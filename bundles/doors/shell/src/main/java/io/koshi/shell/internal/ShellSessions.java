package io.koshi.shell.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.koshi.rpc.Caller;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.felix.gogo.runtime.CommandNotFoundException;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;

/** Runs lines, each caller's named session apart; the sessions used last are kept. Thread-safe. */
final class ShellSessions implements AutoCloseable {
    private static final int KEPT = 16;

    private final Supplier<CommandProcessor> gogo;
    private final HubCommands commands;
    private final Map<String, Open> sessions = new LinkedHashMap<>(KEPT, 0.75f, true);

    ShellSessions(Supplier<CommandProcessor> gogo, HubCommands commands) {
        this.gogo = gogo;
        this.commands = commands;
    }

    /** Runs a line in a session of its own. */
    ShellMethods.Outcome executeOnce(Caller caller, String line) {
        Guard.check(line);
        Open open = open();
        try {
            return open.run(caller, line);
        } finally {
            open.session.close();
        }
    }

    /** Runs a line in a session that is made when it is not there. */
    ShellMethods.Outcome execute(Caller caller, String name, String line) {
        Guard.check(line);
        return named(caller.name() + " " + name).run(caller, line);
    }

    @Override
    public synchronized void close() {
        sessions.values().forEach(open -> open.session.close());
        sessions.clear();
    }

    private synchronized Open named(String key) {
        Open open = sessions.computeIfAbsent(key, fresh -> open());
        if (sessions.size() > KEPT) {
            var oldest = sessions.entrySet().iterator();
            oldest.next().getValue().session.close();
            oldest.remove();
        }
        return open;
    }

    private Open open() {
        Capture out = new Capture();
        PrintStream printed = new PrintStream(out, true, UTF_8);
        return new Open(gogo.get().createSession(InputStream.nullInputStream(), printed, printed), out);
    }

    /** A session and what it prints. Thread-safe. */
    private final class Open {
        private final CommandSession session;
        private final Capture out;

        Open(CommandSession session, Capture out) {
            this.session = session;
            this.out = out;
        }

        synchronized ShellMethods.Outcome run(Caller caller, String line) {
            out.clear();
            commands.offer(session, caller);
            try {
                Object result = session.execute(line);
                String shown = result == null ? "" : String.valueOf(session.format(result, Converter.INSPECT));
                return new ShellMethods.Outcome(out.text() + shown, Optional.empty());
            } catch (CommandNotFoundException e) {
                return new ShellMethods.Outcome(
                        out.text(),
                        Optional.of("There is no command " + e.getCommand()
                                + "; 'methods' lists the hub's, 'help' the framework's."));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new ShellMethods.Outcome(out.text(), Optional.of("It was cut off."));
            } catch (Exception e) {
                String words = e.getMessage();
                return new ShellMethods.Outcome(
                        out.text(), Optional.of(words == null ? e.getClass().getSimpleName() : words));
            }
        }
    }
}
