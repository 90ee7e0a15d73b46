package io.koshi.tui.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Problem;
import io.koshi.codec.Codec;
import io.koshi.config.Config;
import io.koshi.config.ConfigCheck;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Says what is wrong with {@code doors.tui}. Thread-safe. */
@Component(name = "io.koshi.tui.check", service = ConfigCheck.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class TuiCheck implements ConfigCheck {
    private static final String PATH = "/doors/" + TuiSettings.NAME;

    private final Codec codec;

    @Activate
    public TuiCheck(@Reference Codec codec) {
        this.codec = codec;
    }

    @Override
    public List<Problem> check(Config candidate) {
        try {
            TuiSettings.of(candidate, codec);
            return List.of();
        } catch (KoshiException e) {
            return e.details().isEmpty()
                    ? List.of(new Problem(PATH, e.getMessage()))
                    : e.details().stream()
                            .map(problem -> new Problem(PATH + problem.path(), problem.problem()))
                            .toList();
        }
    }
}
