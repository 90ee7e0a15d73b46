package io.koshi.log.internal;

import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerConsumer;

/**
 * A logger of the OSGi log (OSGi Compendium, chapter 101) that is one of slf4j: placeholders and a last throwable mean
 * the same to both. Thread-safe.
 */
final class OsgiLogger implements Logger {
    private final org.slf4j.Logger log;

    OsgiLogger(org.slf4j.Logger log) {
        this.log = log;
    }

    @Override
    public String getName() {
        return log.getName();
    }

    @Override
    public boolean isTraceEnabled() {
        return log.isTraceEnabled();
    }

    @Override
    public void trace(String message) {
        log.trace(message);
    }

    @Override
    public void trace(String format, Object argument) {
        log.trace(format, argument);
    }

    @Override
    public void trace(String format, Object one, Object two) {
        log.trace(format, one, two);
    }

    @Override
    public void trace(String format, Object... arguments) {
        log.trace(format, arguments);
    }

    @Override
    public <E extends Exception> void trace(LoggerConsumer<E> consumer) throws E {
        if (log.isTraceEnabled()) {
            consumer.accept(this);
        }
    }

    @Override
    public boolean isDebugEnabled() {
        return log.isDebugEnabled();
    }

    @Override
    public void debug(String message) {
        log.debug(message);
    }

    @Override
    public void debug(String format, Object argument) {
        log.debug(format, argument);
    }

    @Override
    public void debug(String format, Object one, Object two) {
        log.debug(format, one, two);
    }

    @Override
    public void debug(String format, Object... arguments) {
        log.debug(format, arguments);
    }

    @Override
    public <E extends Exception> void debug(LoggerConsumer<E> consumer) throws E {
        if (log.isDebugEnabled()) {
            consumer.accept(this);
        }
    }

    @Override
    public boolean isInfoEnabled() {
        return log.isInfoEnabled();
    }

    @Override
    public void info(String message) {
        log.info(message);
    }

    @Override
    public void info(String format, Object argument) {
        log.info(format, argument);
    }

    @Override
    public void info(String format, Object one, Object two) {
        log.info(format, one, two);
    }

    @Override
    public void info(String format, Object... arguments) {
        log.info(format, arguments);
    }

    @Override
    public <E extends Exception> void info(LoggerConsumer<E> consumer) throws E {
        if (log.isInfoEnabled()) {
            consumer.accept(this);
        }
    }

    @Override
    public boolean isWarnEnabled() {
        return log.isWarnEnabled();
    }

    @Override
    public void warn(String message) {
        log.warn(message);
    }

    @Override
    public void warn(String format, Object argument) {
        log.warn(format, argument);
    }

    @Override
    public void warn(String format, Object one, Object two) {
        log.warn(format, one, two);
    }

    @Override
    public void warn(String format, Object... arguments) {
        log.warn(format, arguments);
    }

    @Override
    public <E extends Exception> void warn(LoggerConsumer<E> consumer) throws E {
        if (log.isWarnEnabled()) {
            consumer.accept(this);
        }
    }

    @Override
    public boolean isErrorEnabled() {
        return log.isErrorEnabled();
    }

    @Override
    public void error(String message) {
        log.error(message);
    }

    @Override
    public void error(String format, Object argument) {
        log.error(format, argument);
    }

    @Override
    public void error(String format, Object one, Object two) {
        log.error(format, one, two);
    }

    @Override
    public void error(String format, Object... arguments) {
        log.error(format, arguments);
    }

    @Override
    public <E extends Exception> void error(LoggerConsumer<E> consumer) throws E {
        if (log.isErrorEnabled()) {
            consumer.accept(this);
        }
    }

    @Override
    public void audit(String message) {
        log.info(message);
    }

    @Override
    public void audit(String format, Object argument) {
        log.info(format, argument);
    }

    @Override
    public void audit(String format, Object one, Object two) {
        log.info(format, one, two);
    }

    @Override
    public void audit(String format, Object... arguments) {
        log.info(format, arguments);
    }
}
