package io.koshi.agent.internal;

import io.koshi.agent.internal.UsageBook.By;
import io.koshi.agent.internal.UsageBook.Sum;
import io.koshi.api.KoshiException;
import io.koshi.codec.Default;
import io.koshi.model.Usage;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** The methods of {@code usage}. */
@Component(
        name = "io.koshi.agent.usage.methods",
        service = Methods.class,
        configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("usage")
public final class UsageMethods implements Methods {
    private static final Pattern PERIOD = Pattern.compile("([0-9]{1,5})([hdw])");

    private final TurnRoom room;

    @Activate
    public UsageMethods(@Reference TurnRoom room) {
        this.room = room;
    }

    record Query(
            @Doc("How far back: 24h, 7d, 4w or all.") @Default("\"7d\"")
            String period,

            @Doc("What to sum up by.") @Default("\"model\"") By by) {}

    record Summary(
            @Doc("How far back.") String period,
            @Doc("Since when.") Instant since,
            @Doc("What it is summed up by.") By by,
            @Doc("Runs that used something.") long runs,
            @Doc("Tokens of all of them.") Usage usage,

            @Doc("What they cost, where their models have a price.")
            Optional<Double> cost,

            @Doc("Sums, the largest first.") List<Sum> groups) {}

    @Rpc(value = "Sums up the tokens and the cost of runs.", scope = Scope.READ)
    public Summary summary(Query query) {
        Instant since = since(query.period(), Instant.now());
        Sum total = room.usage().total(since);
        return new Summary(
                query.period(),
                since,
                query.by(),
                total.runs(),
                total.usage(),
                total.cost(),
                room.usage().groups(since, query.by()));
    }

    static Instant since(String period, Instant now) {
        if (period.equals("all")) {
            return Instant.EPOCH;
        }
        Matcher matcher = PERIOD.matcher(period);
        if (!matcher.matches()) {
            throw KoshiException.invalid("/period", "write 24h, 7d, 4w or all");
        }
        long count = Long.parseLong(matcher.group(1));
        Duration back = switch (matcher.group(2)) {
            case "h" -> Duration.ofHours(count);
            case "d" -> Duration.ofDays(count);
            default -> Duration.ofDays(7 * count);
        };
        return now.minus(back);
    }
}
