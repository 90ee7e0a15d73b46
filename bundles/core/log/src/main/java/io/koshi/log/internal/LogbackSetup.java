package io.koshi.log.internal;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.util.Duration;
import ch.qos.logback.core.util.FileSize;

/**
 * Sets logback up in code, which saves an XML parser at each start: {@code koshi.log} as JSON lines in the directory
 * that the system property {@code koshi.logs} names, five files of 10 MB, and readable lines to standard error while
 * {@code koshi.console} is true. On a flat class path logback finds this class by {@code META-INF/services}; where
 * bundles are isolated it cannot, and {@link LogStart} calls it.
 */
public final class LogbackSetup extends ContextAwareBase implements Configurator {
    private static final String DONE = "koshi.log.ready";
    private static final long FILE_BYTES = 10L << 20;
    private static final double CHECK_MS = 100;

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        apply(context);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Sets the context up unless that was done before. */
    static void apply(LoggerContext context) {
        if (context.getProperty(DONE) != null) {
            return;
        }
        context.reset();
        context.putProperty(DONE, "true");
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        String directory = System.getProperty("koshi.logs");
        if (directory != null) {
            root.addAppender(file(context, directory + "/koshi", FILE_BYTES));
        }
        if (directory == null || Boolean.getBoolean("koshi.console")) {
            root.addAppender(console(context));
        }
        // They say at INFO what a person never asked to know.
        context.getLogger("org.eclipse.jetty").setLevel(Level.WARN);
        context.getLogger("org.apache.felix.http").setLevel(Level.WARN);
        // And at WARN what a stranger sent: he is told, and could fill the log with it.
        context.getLogger("org.eclipse.jetty.http").setLevel(Level.ERROR);
        context.getLogger("org.eclipse.jetty.util.HostPort").setLevel(Level.ERROR);
        context.getLogger("org.eclipse.jetty.server.handler.ErrorHandler").setLevel(Level.ERROR);
        context.getLogger("org.apache.felix.scr").setLevel(Level.WARN);
    }

    static RollingFileAppender<ILoggingEvent> file(LoggerContext context, String name, long bytes) {
        RollingFileAppender<ILoggingEvent> file = new RollingFileAppender<>();
        file.setContext(context);
        file.setName("file");
        file.setFile(name + ".log");
        FixedWindowRollingPolicy rolling = new FixedWindowRollingPolicy();
        rolling.setContext(context);
        rolling.setParent(file);
        rolling.setFileNamePattern(name + ".%i.log");
        rolling.setMinIndex(1);
        rolling.setMaxIndex(4);
        rolling.start();
        SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
        size.setContext(context);
        size.setMaxFileSize(new FileSize(bytes));
        size.setCheckIncrement(
                Duration.buildByMilliseconds(CHECK_MS)); // a minute unless told: a storm fills a disk in it
        size.start();
        JsonLines lines = new JsonLines();
        lines.setContext(context);
        lines.start();
        file.setRollingPolicy(rolling);
        file.setTriggeringPolicy(size);
        file.setEncoder(lines);
        file.addFilter(new GoneClients());
        file.start();
        return file;
    }

    private static ConsoleAppender<ILoggingEvent> console(LoggerContext context) {
        PatternLayoutEncoder lines = new PatternLayoutEncoder();
        lines.setContext(context);
        lines.setPattern("%d{HH:mm:ss.SSS} %-5level %logger - %msg%n");
        lines.start();
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setName("console");
        console.setTarget("System.err");
        console.setEncoder(lines);
        console.addFilter(new GoneClients());
        console.start();
        return console;
    }
}
