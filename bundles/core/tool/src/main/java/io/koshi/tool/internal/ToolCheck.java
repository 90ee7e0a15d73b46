package io.koshi.tool.internal;

import io.koshi.api.Problem;
import io.koshi.config.Config;
import io.koshi.config.ConfigCheck;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;

/** Holds the {@code tools} block against what this room understands. Thread-safe. */
@Component(name = "io.koshi.tool.check", service = ConfigCheck.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class ToolCheck implements ConfigCheck {
    @Activate
    public ToolCheck() {}

    @Override
    public List<Problem> check(Config candidate) {
        return ToolSettings.problems(candidate);
    }
}
