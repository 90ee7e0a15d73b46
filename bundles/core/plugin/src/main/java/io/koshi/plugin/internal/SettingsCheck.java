package io.koshi.plugin.internal;

import io.koshi.api.Problem;
import io.koshi.config.Config;
import io.koshi.config.ConfigCheck;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Holds each plugin's entry against what the plugin itself declares. Thread-safe. */
@Component(name = "io.koshi.plugin.check", configurationPolicy = ConfigurationPolicy.IGNORE)
public final class SettingsCheck implements ConfigCheck {
    private final PluginRoom room;

    @Activate
    public SettingsCheck(@Reference PluginRoom room) {
        this.room = room;
    }

    @Override
    public List<Problem> check(Config candidate) {
        return room.problems(candidate);
    }
}
