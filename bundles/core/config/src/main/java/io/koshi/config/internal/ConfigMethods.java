package io.koshi.config.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Problem;
import io.koshi.config.Settings;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Shows and reloads the configuration through every door. Thread-safe. */
@Component(name = "io.koshi.config.methods", configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("hub")
public final class ConfigMethods implements Methods {
    private final Settings settings;

    @Activate
    public ConfigMethods(@Reference Settings settings) {
        this.settings = settings;
    }

    /** What the file says. */
    public record Shown(
            @Doc("The file.") String file,
            @Doc("When what holds was read.") Instant loadedAt,

            @Doc("Whether the file is bad and the last good configuration serves.")
            boolean lastGood,

            @Doc("What the file says; secrets and what was filled in are hidden.")
            Map<String, Object> config,

            @Doc("What is wrong with it.") List<Problem> problems,
            @Doc("Why the file is not what holds.") Optional<String> error) {}

    /** A text that may become the file. */
    public record Text(@Doc("What the file would say.") String text) {}

    /** What was found in it. */
    public record Checked(
            @Doc("What has no effect in it, a sentence each.")
            List<String> warnings) {}

    /** What a reload changed. */
    public record Reloaded(
            @Doc("Names of blocks, plugins and models.") List<String> changed) {}

    @Rpc(value = "Shows the configuration that holds, secrets hidden.", scope = Scope.READ)
    public Shown config() {
        Settings.Origin origin = settings.origin();
        return new Shown(
                origin.file().toString(),
                origin.loadedAt(),
                origin.lastGood(),
                settings.redacted(),
                settings.problems(),
                origin.error());
    }

    @Rpc(
            value = "Checks a configuration by the rules of every room that is here; nothing changes.",
            scope = Scope.ADMIN)
    public Checked check(Text ask) {
        return new Checked(settings.check(ask.text()));
    }

    @Rpc(value = "Reads the configuration file again and applies what changed.", scope = Scope.ADMIN)
    public Reloaded reload(Caller caller) {
        if (caller.name().startsWith("run:")) {
            throw new KoshiException(
                    ErrorCode.FORBIDDEN,
                    "A process that the hub itself has started (" + caller.name()
                            + ") may not reload it; ask a person.");
        }
        return new Reloaded(settings.reload());
    }
}
