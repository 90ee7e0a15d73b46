package io.koshi.hub.internal;

import io.koshi.api.Health;
import io.koshi.api.Pools;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says when a room or a door is here but could not start, which nobody else would: what is not there reports nothing.
 * A look takes as long as a dozen methods while the code is cold, so it is made beside whoever asks and serves for a
 * second; until the first one is over the report's data say {@code looked: false}. Thread-safe.
 */
@Component(name = "io.koshi.hub.rooms", service = Health.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class RoomsHealth implements Health {
    /** Rooms, doors and machinery; a plugin's name has one word more. */
    private static final Pattern ROOM = Pattern.compile("io\\.koshi\\.[a-z]+");

    /** What only follows from another one's failure. */
    private static final String FOLLOWS = "Unable to get service for reference";

    /** The first line of the innermost cause in a stack trace. */
    private static final Pattern CAUSE = Pattern.compile("(?m)^(?:Caused by: )?([^\\s:]+(?:Exception|Error)): (.+)$");

    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.hub");
    private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

    private final BundleContext context;
    private final ServiceComponentRuntime runtime;
    private final Pools pools;
    private final Set<String> logged = ConcurrentHashMap.newKeySet(); // as many as rooms can fail
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile Look last = new Look(
            System.nanoTime() - FRESH_NANOS,
            new Report("rooms", "core", Status.HEALTHY, Optional.empty(), Map.of("looked", false)));

    private record Look(long at, Report report) {}

    @Activate
    public RoomsHealth(BundleContext context, @Reference ServiceComponentRuntime runtime, @Reference Pools pools) {
        this.context = context;
        this.runtime = runtime;
        this.pools = pools;
    }

    @Override
    public Report health() {
        if (System.nanoTime() - last.at() >= FRESH_NANOS && looking.compareAndSet(false, true)) {
            try {
                pools.work().execute(this::lookAgain);
            } catch (RejectedExecutionException busy) {
                looking.set(false);
            }
        }
        return last.report();
    }

    private void lookAgain() {
        try {
            last = new Look(System.nanoTime(), look());
        } finally {
            looking.set(false);
        }
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
                .map(this::report)
                .orElseGet(() -> Report.healthy("rooms", "core"));
    }

    private Report report(ComponentConfigurationDTO instance) {
        if (logged.add(instance.description.name + instance.failure)) {
            LOG.error("{} could not start: {}", instance.description.name, instance.failure);
        }
        return Report.unhealthy(
                "rooms",
                "core",
                instance.description.name + " could not start: " + cause(instance.failure)
                        + "; 'koshi restart' when that is mended");
    }

    private static String cause(String failure) {
        Optional<String> innermost = Optional.empty();
        Matcher causes = CAUSE.matcher(failure == null ? "" : failure);
        while (causes.find()) {
            if (causes.group(1).endsWith(".KoshiException")) {
                return causes.group(2); // says what to do, which what lies beneath does not
            }
            innermost = Optional.of(inWords(causes.group(1), causes.group(2)));
        }
        return innermost.orElse("see 'koshi logs'");
    }

    /** Of a file, Java says its name and leaves the rest to the name of the exception. */
    private static String inWords(String exception, String message) {
        if (exception.endsWith(".FileAlreadyExistsException")) {
            return message + " is in the way of a directory, move it";
        }
        return exception.endsWith(".AccessDeniedException") ? message + " may not be used, make it your own" : message;
    }
}
