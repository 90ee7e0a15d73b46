package io.koshi.log.internal;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.koshi.config.Config;
import io.koshi.config.Settings;
import java.util.function.UnaryOperator;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.LoggerFactory;

/** Keeps the root logger at the level that koshi.yaml asks for, and its secrets out of the log. */
@Component(
        name = "io.koshi.log.level",
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class LogLevel {
    private final AutoCloseable listening;

    @Activate
    public LogLevel(@Reference Settings settings) {
        JsonLines.redact(settings::redact);
        set(settings.config());
        listening = settings.onChange((before, after) -> set(after));
    }

    @Deactivate
    public void close() throws Exception {
        listening.close();
        JsonLines.redact(UnaryOperator.identity());
    }

    private static void set(Config config) {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.valueOf(config.logLevel().name()));
    }
}
