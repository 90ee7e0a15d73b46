package io.koshi.agent.internal;

import io.koshi.config.Config;
import io.koshi.model.Usage;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What tokens cost: {@code models.NAME.price: {input, output, cacheRead?, cacheWrite?}}, per million of them in whatever
 * currency; what is read from a cache or written to one costs as input unless it is said.
 */
final class Prices {
    private static final double PER = 1_000_000;

    private Prices() {}

    /** Empty where the model has no price. */
    static OptionalDouble of(Config config, String model, Usage usage) {
        Map<String, Object> settings = config.models().getOrDefault(model, Map.of());
        if (!(settings.get("price") instanceof Map<?, ?> price)) {
            return OptionalDouble.empty();
        }
        double input = number(price, "input").orElse(0d);
        double output = number(price, "output").orElse(0d);
        return OptionalDouble.of((usage.inputTokens() * input
                        + usage.outputTokens() * output
                        + usage.cacheReadTokens() * number(price, "cacheRead").orElse(input)
                        + usage.cacheWriteTokens() * number(price, "cacheWrite").orElse(input))
                / PER);
    }

    /** What is wrong with a price, if anything is. */
    static Optional<String> fault(Object price) {
        if (!(price instanceof Map<?, ?> map)) {
            return Optional.of("a price is { input: 3, output: 15 }, for a million tokens");
        }
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            boolean known = entry.getKey() instanceof String key
                    && java.util.Set.of("input", "output", "cacheRead", "cacheWrite")
                            .contains(key);
            if (!known) {
                return Optional.of("a price has input, output, cacheRead and cacheWrite, not '" + entry.getKey() + "'");
            }
            if (!(entry.getValue() instanceof Number number) || number.doubleValue() < 0) {
                return Optional.of(entry.getKey() + " is a number that is not below 0");
            }
        }
        return Optional.empty();
    }

    private static Optional<Double> number(Map<?, ?> price, String key) {
        return price.get(key) instanceof Number number ? Optional.of(number.doubleValue()) : Optional.empty();
    }
}
