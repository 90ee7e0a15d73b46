package io.koshi.ksi.internal;

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

/** Says what is wrong with {@code doors.ksi}. Thread-safe. */
@Component(name = "io.koshi.ksi.check", service = ConfigCheck.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class KsiCheck implements ConfigCheck {
    private static final String PATH = "/doors/" + KsiSettings.NAME;

    private final Codec codec;

    @Activate
    public KsiCheck(@Reference Codec codec) {
        this.codec = codec;
    }

    @Override
    public List<Problem> check(Config candidate) {
        try {
            KsiSettings.of(candidate, codec);
            return List.of();
        } catch (KoshiException e) {
            return e.details().stream()
                    .map(problem -> new Problem(PATH + problem.path(), problem.problem()))
                    .toList();
        }
    }
}
