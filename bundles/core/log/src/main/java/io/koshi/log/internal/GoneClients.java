package io.koshi.log.internal;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.io.EOFException;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;

/**
 * Leaves out what the web server says, with a stack trace, of each client that went before it was answered: no promise
 * was broken, and a stranger could fill the log with it. Thread-safe.
 */
final class GoneClients extends Filter<ILoggingEvent> {
    private static final int DEEPEST = 10;

    /** What a servlet is told that writes on after its connection has ended; only the words tell it from a mistake. */
    private static final String TOO_LATE = "last already written";

    /** What the server says of a client that went while its bytes were read: its two threads both give a buffer back. */
    private static final String TWICE = "already released ReferenceCounter";

    @Override
    public FilterReply decide(ILoggingEvent event) {
        boolean web = event.getLoggerName().startsWith("org.apache.felix.http")
                || event.getLoggerName().startsWith("org.eclipse.jetty");
        boolean ofOne = web && event.getThrowableProxy() instanceof ThrowableProxy proxy && went(proxy.getThrowable());
        return ofOne ? FilterReply.DENY : FilterReply.NEUTRAL;
    }

    private static boolean went(Throwable failure) {
        Throwable each = failure;
        for (int i = 0; each != null && i < DEEPEST; i++) {
            if (each instanceof EOFException
                    || each instanceof SocketException
                    || each instanceof ClosedChannelException
                    || each instanceof TimeoutException
                    || each instanceof CancellationException
                    || each instanceof IllegalStateException && harmless(each.getMessage())) {
                return true;
            }
            each = each.getCause();
        }
        return false;
    }

    private static boolean harmless(String message) {
        return message != null && (message.equals(TOO_LATE) || message.startsWith(TWICE));
    }
}
