package io.koshi.log.internal;

import ch.qos.logback.classic.LoggerContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.slf4j.LoggerFactory;

/** Sets the log up before any room writes to it. */
@Component(
        name = "io.koshi.log",
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class LogRoom {
    @Activate
    public LogRoom() {
        LogbackSetup.apply((LoggerContext) LoggerFactory.getILoggerFactory());
    }
}
