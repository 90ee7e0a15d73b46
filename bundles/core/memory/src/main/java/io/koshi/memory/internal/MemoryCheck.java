package io.koshi.memory.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Problem;
import io.koshi.config.Config;
import io.koshi.config.ConfigCheck;
import io.koshi.cron.Schedules;
import java.net.URI;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Says what is wrong with the memory block of a configuration. Thread-safe. */
@Component(
        name = "io.koshi.memory.check",
        service = ConfigCheck.class,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class MemoryCheck implements ConfigCheck {
    private final Schedules schedules;

    @Activate
    public MemoryCheck(@Reference Schedules schedules) {
        this.schedules = schedules;
    }

    @Override
    public List<Problem> check(Config candidate) {
        List<Problem> problems = new ArrayList<>();
        pruneSchedule(candidate.memory().pruneSchedule())
                .ifPresent(wrong -> problems.add(new Problem("/memory/pruneSchedule", wrong)));
        candidate.memory().embeddings().ifPresent(embeddings -> {
            if (!isHttp(embeddings.endpoint())) {
                problems.add(new Problem(
                        "/memory/embeddings/endpoint", "an http or https URL, for example http://localhost:11434/v1"));
            }
        });
        return problems;
    }

    private Optional<String> pruneSchedule(String text) {
        try {
            boolean comes =
                    schedules.read(text).next(ZoneOffset.UTC, Instant.now()).isPresent();
            return comes
                    ? Optional.empty()
                    : Optional.of("no time of " + text + " is to come; for example 0 4 * * *, every night at four");
        } catch (KoshiException e) {
            return Optional.of(
                    e.details().isEmpty() ? e.getMessage() : e.details().get(0).problem());
        }
    }

    private static boolean isHttp(String endpoint) {
        try {
            URI address = EmbeddingService.address(endpoint);
            return address.getHost() != null
                    && (address.getScheme().equals("http")
                            || address.getScheme().equals("https"));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
