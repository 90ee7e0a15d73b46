package io.koshi.log.internal;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogListener;
import org.osgi.service.log.LogReaderService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Passes on to slf4j what bundles say to the OSGi log. The OSGi log itself starts after the core, since each question
 * whether it wants to hear something takes it three formatted strings, and Declarative Services ask thousands of times.
 */
@Component(
        name = "io.koshi.log.osgi",
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class OsgiLog implements LogListener {
    private final LogReaderService reader;

    @Activate
    public OsgiLog(@Reference LogReaderService reader) {
        this.reader = reader;
        reader.addLogListener(this);
    }

    @Deactivate
    public void close() {
        reader.removeLogListener(this);
    }

    @Override
    public void logged(LogEntry entry) {
        String name = entry.getLoggerName();
        if (name != null && name.startsWith("Events.")) {
            return; // the framework's own events, which say nothing that their cause does not
        }
        Logger logger = LoggerFactory.getLogger(name(entry));
        logger.atLevel(level(entry)).setCause(entry.getException()).log(entry.getMessage());
    }

    private static String name(LogEntry entry) {
        String name = entry.getLoggerName();
        if (name != null && !name.startsWith("LogService")) {
            return name;
        }
        return entry.getBundle() == null ? "osgi" : entry.getBundle().getSymbolicName();
    }

    private static Level level(LogEntry entry) {
        return switch (entry.getLogLevel()) {
            case ERROR -> Level.ERROR;
            case WARN -> Level.WARN;
            case INFO, AUDIT -> Level.INFO;
            case DEBUG -> Level.DEBUG;
            case TRACE -> Level.TRACE;
        };
    }
}
