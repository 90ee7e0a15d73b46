package io.koshi.hub.internal;

import io.koshi.api.Health;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;

/**
 * Says when a room or a door is here but could not start, which nobody else would: what is not there reports nothing.
 * Thread-safe.
 */
@Component(name = "io.koshi.hub.rooms", service = Health.class)
public final class RoomsHealth implements Health {
    /** Rooms, doors and machinery; a plugin's name has one word more. */
    private static final Pattern ROOM = Pattern.compile("io\\.koshi\\.[a-z]+");

    /** What only follows from another one's failure. */
    private static final String FOLLOWS = "Unable to get service for reference";

    /** The first line of the innermost cause in a stack trace. */
    private static final Pattern CAUSE = Pattern.compile("(?m)^(?:Caused by: )?([^\\s:]+(?:Exception|Error)): (.+)$");

    /** While the hub starts each look is a new one; later a look, which takes a millisecond, serves for a second. */
    private static final long STARTING_NANOS = Duration.ofSeconds(30).toNanos();

    private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

    private final BundleContext context;
    private final ServiceComponentRuntime runtime;
    private final long since = System.nanoTime();
    private final AtomicReference<Look> last = new AtomicReference<>();

    private record Look(long at, Report report) {}

    @Activate
    public RoomsHealth(BundleContext context, @Reference ServiceComponentRuntime runtime) {
        this.context = context;
        this.runtime = runtime;
    }

    @Override
    public Report health() {
        long now = System.nanoTime();
        Look look = last.get();
        if (look == null || now - since < STARTING_NANOS || now - look.at() > FRESH_NANOS) {
            look = new Look(now, look());
            last.set(look);
        }
        return look.report();
    }

    private Report look() {
        Bundle[] rooms = Arrays.stream(context.getBundles())
                .filter(bundle ->
                        ROOM.matcher(String.valueOf(bundle.getSymbolicName())).matches())
                .toArray(Bundle[]::new);
        return runtime.getComponentDescriptionDTOs(rooms).stream()
                .flatMap(component -> runtime.getComponentConfigurationDTOs(component).stream())
                .filter(instance -> instance.state == ComponentConfigurationDTO.FAILED_ACTIVATION)
                .min(Comparator.comparing(
                        instance -> String.valueOf(instance.failure).contains(FOLLOWS)))
                .map(instance -> Report.unhealthy(
                        "rooms", "core", instance.description.name + " could not start: " + cause(instance.failure)))
                .orElseGet(() -> Report.healthy("rooms", "core"));
    }

    private static String cause(String failure) {
        Optional<String> innermost = Optional.empty();
        Matcher causes = CAUSE.matcher(failure == null ? "" : failure);
        while (causes.find()) {
            innermost = Optional.of(causes.group(2));
        }
        return innermost.orElse("see 'koshi logs'");
    }
}
