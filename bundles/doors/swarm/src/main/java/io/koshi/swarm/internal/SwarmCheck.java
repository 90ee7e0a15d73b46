package io.koshi.swarm.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Problem;
import io.koshi.codec.Codec;
import io.koshi.config.Config;
import io.koshi.config.ConfigCheck;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Says what is wrong with {@code doors.swarm}. Thread-safe. */
@Component(name = "io.koshi.swarm.check", service = ConfigCheck.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class SwarmCheck implements ConfigCheck {
    private static final String PATH = "/doors/" + SwarmSettings.NAME;

    private final Codec codec;

    @Activate
    public SwarmCheck(@Reference Codec codec) {
        this.codec = codec;
    }

    @Override
    public List<Problem> check(Config candidate) {
        try {
            Optional<SwarmSettings> settings = SwarmSettings.of(candidate, codec);
            boolean open = settings.isPresent()
                    && !settings.get().loopback()
                    && settings.get().key().isEmpty();
            return open
                    ? List.of(new Problem(
                            PATH + "/host",
                            settings.get().host() + " can be reached from outside; give 'key', or use 127.0.0.1"))
                    : List.of();
        } catch (KoshiException e) {
            return e.details().isEmpty()
                    ? List.of(new Problem(PATH, e.getMessage()))
                    : e.details().stream()
                            .map(problem -> new Problem(PATH + problem.path(), problem.problem()))
                            .toList();
        }
    }
}
