package io.koshi.plugin.internal;

import static io.koshi.plugin.internal.PluginFailure.Phase.ACTIVATE;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;

/**
 * How a plugin's components are, as Declarative Services knows it. Thread-safe.
 *
 * @param redact hides secrets in what a plugin says of its own settings
 */
record Components(BundleContext context, ServiceComponentRuntime runtime, UnaryOperator<String> redact) {
    /** Why an instance does not serve. */
    record Trouble(boolean failed, String sentence) {}

    /**
     * Activates what is satisfied but was not asked for yet, so that a constructor that throws does so now.
     *
     * @throws PluginFailure when a component cannot be activated
     */
    void activate(Bundle bundle) throws PluginFailure {
        for (ComponentConfigurationDTO each : configurations(bundle)) {
            if (each.state == ComponentConfigurationDTO.SATISFIED) {
                touch(bundle, each);
            }
        }
        for (ComponentConfigurationDTO each : configurations(bundle)) {
            if (each.state == ComponentConfigurationDTO.FAILED_ACTIVATION) {
                throw new PluginFailure(
                        ACTIVATE,
                        bundle.getSymbolicName() + " cannot be activated: " + redact.apply(cause(each.failure)));
            }
        }
    }

    /** @throws PluginFailure when it gives no object; Declarative Services keeps silent about a class that is not there */
    private void touch(Bundle bundle, ComponentConfigurationDTO component) throws PluginFailure {
        ServiceReference<?>[] offered = bundle.getRegisteredServices();
        if (offered == null) {
            return;
        }
        for (ServiceReference<?> reference : offered) {
            if (Long.valueOf(component.id).equals(reference.getProperty("component.id"))) {
                Object service = context.getService(reference);
                if (service == null) {
                    throw broken(bundle, component);
                }
                context.ungetService(reference);
            }
        }
    }

    /** Its own reason where it has one, else what is found by looking for its class. */
    private PluginFailure broken(Bundle bundle, ComponentConfigurationDTO component) {
        String reason = configurations(bundle).stream()
                .filter(c -> c.id == component.id && c.failure != null)
                .map(c -> cause(c.failure))
                .findFirst()
                .orElse("");
        Exception missing = null;
        if (reason.isEmpty()) {
            reason = component.description.implementationClass + " gives no object; the log says why";
            try {
                bundle.loadClass(component.description.implementationClass);
            } catch (ClassNotFoundException | LinkageError e) {
                reason = "its class " + component.description.implementationClass + " cannot be loaded: " + e;
                missing = new IllegalStateException(e);
            }
        }
        return new PluginFailure(ACTIVATE, bundle.getSymbolicName() + " cannot be activated: " + reason, missing);
    }

    /** What keeps the instance of a PID from serving; empty when nothing does. */
    Optional<Trouble> trouble(Bundle bundle, String pid) {
        if (bundle.getState() != Bundle.ACTIVE) {
            return Optional.of(new Trouble(true, "its bundle is not running"));
        }
        List<ComponentConfigurationDTO> mine = configurations(bundle).stream()
                .filter(c -> pid.equals(c.properties.get("service.pid")))
                .toList();
        for (ComponentConfigurationDTO each : mine) {
            if (each.state == ComponentConfigurationDTO.FAILED_ACTIVATION) {
                return Optional.of(new Trouble(true, redact.apply(cause(each.failure))));
            }
            if (each.state == ComponentConfigurationDTO.UNSATISFIED_REFERENCE) {
                return Optional.of(new Trouble(false, "waits for " + missing(each)));
            }
        }
        return mine.isEmpty()
                ? Optional.of(new Trouble(false, "none of its components has taken its configuration yet"))
                : Optional.empty();
    }

    private static String missing(ComponentConfigurationDTO component) {
        return Stream.of(component.unsatisfiedReferences)
                .map(reference -> reference.name)
                .collect(Collectors.joining(", "));
    }

    private List<ComponentConfigurationDTO> configurations(Bundle bundle) {
        List<ComponentConfigurationDTO> all = new ArrayList<>();
        runtime.getComponentDescriptionDTOs(bundle)
                .forEach(description -> all.addAll(runtime.getComponentConfigurationDTOs(description)));
        return all;
    }

    /** The innermost reason of a stack trace. */
    private static String cause(String trace) {
        if (trace == null || trace.isBlank()) {
            return "its component failed; the log says why";
        }
        String reason = trace.lines().findFirst().orElse("");
        for (String line : trace.lines().toList()) {
            if (line.startsWith("Caused by: ")) {
                reason = line.substring("Caused by: ".length());
            }
        }
        return reason;
    }
}
