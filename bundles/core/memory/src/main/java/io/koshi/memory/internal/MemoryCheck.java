package io.koshi.memory.internal;

import io.koshi.api.Problem;
import io.koshi.config.Config;
import io.koshi.config.ConfigCheck;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;

/** Says what is wrong with the memory block of a configuration. Thread-safe. */
@Component(
        name = "io.koshi.memory.check",
        service = ConfigCheck.class,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class MemoryCheck implements ConfigCheck {
    @Activate
    public MemoryCheck() {}

    @Override
    public List<Problem> check(Config candidate) {
        List<Problem> problems = new ArrayList<>();
        try {
            Schedule.parse(candidate.memory().pruneSchedule());
        } catch (IllegalArgumentException e) {
            problems.add(new Problem("/memory/pruneSchedule", e.getMessage()));
        }
        candidate.memory().embeddings().ifPresent(embeddings -> {
            if (!isHttp(embeddings.endpoint())) {
                problems.add(new Problem(
                        "/memory/embeddings/endpoint", "an http or https URL, for example http://localhost:11434/v1"));
            }
        });
        return problems;
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
