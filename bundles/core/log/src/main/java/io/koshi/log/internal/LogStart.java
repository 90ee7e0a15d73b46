package io.koshi.log.internal;

import ch.qos.logback.classic.LoggerContext;
import java.util.Hashtable;
import java.util.Map;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.log.FormatterLogger;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

/**
 * Sets the log up and offers it to Declarative Services, which is why it is an activator: they start after it. They ask
 * thousands of times at a start whether anyone wants to hear something, and felix.log formats three strings to answer.
 */
public final class LogStart implements BundleActivator {
    @Override
    public void start(BundleContext context) {
        LogbackSetup.apply((LoggerContext) org.slf4j.LoggerFactory.getILoggerFactory());
        context.registerService(
                LoggerFactory.class, new Loggers(), new Hashtable<>(Map.of(Constants.SERVICE_RANKING, 1000)));
    }

    @Override
    public void stop(BundleContext context) {
        // the framework takes the service away
    }

    private static final class Loggers implements LoggerFactory {
        @Override
        public Logger getLogger(String name) {
            return new OsgiLogger(org.slf4j.LoggerFactory.getLogger(name));
        }

        @Override
        public Logger getLogger(Class<?> type) {
            return getLogger(type.getName());
        }

        @Override
        public <L extends Logger> L getLogger(String name, Class<L> kind) {
            if (kind == FormatterLogger.class) {
                throw new IllegalArgumentException("This log has no formatter loggers; ask felix.log's.");
            }
            return kind.cast(getLogger(name));
        }

        @Override
        public <L extends Logger> L getLogger(Class<?> type, Class<L> kind) {
            return getLogger(type.getName(), kind);
        }

        @Override
        public <L extends Logger> L getLogger(Bundle bundle, String name, Class<L> kind) {
            return getLogger(name.equals(Logger.ROOT_LOGGER_NAME) ? bundle.getSymbolicName() : name, kind);
        }
    }
}
