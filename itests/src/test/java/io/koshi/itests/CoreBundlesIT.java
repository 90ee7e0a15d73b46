package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;

/** The house stands: the features resolve and start, with nothing missing and nothing idle, in both modes. */
@InContainer
class CoreBundlesIT {
    @Test
    void everyBundleThatIsToStartIsActive(BundleContext context) {
        assertThat(names(Arrays.stream(context.getBundles())
                        .filter(b -> b.adapt(BundleStartLevel.class).isPersistentlyStarted())
                        .filter(b -> b.getState() != Bundle.ACTIVE)))
                .isEmpty();
        assertThat(names(Arrays.stream(context.getBundles())))
                .contains("io.koshi.api", "io.koshi.hub", "io.koshi.gateway");
    }

    @Test
    void everyBundleIsResolved(BundleContext context) {
        assertThat(names(Arrays.stream(context.getBundles()).filter(b -> b.getState() == Bundle.INSTALLED)))
                .isEmpty();
    }

    @Test
    void theWholeGardenResolves(BundleContext context) throws BundleException, IOException {
        try (Stream<Path> jars = Files.list(Path.of(context.getProperty("koshi.garden")))) {
            for (Path jar : jars.toList()) {
                Bundle plugin = context.installBundle(jar.toUri().toString());
                assertThat(context.getBundle(0).adapt(FrameworkWiring.class).resolveBundles(List.of(plugin)))
                        .as(plugin.getSymbolicName())
                        .isTrue();
                plugin.uninstall();
            }
        }
    }

    /** A library that nobody is wired to and that offers no service has no business in a feature. */
    @Test
    void everyLibraryIsUsed(BundleContext context) {
        assertThat(names(Arrays.stream(context.getBundles())
                        .filter(b -> b.getBundleId() < context.getBundle().getBundleId())
                        .filter(b -> !b.getSymbolicName().startsWith("io.koshi."))
                        .filter(b -> !b.getLocation().contains("/itests/"))
                        .filter(b -> b.getRegisteredServices() == null)
                        .filter(b -> !startsOnDemand(b))
                        .filter(CoreBundlesIT::unused)))
                .isEmpty();
    }

    @Test
    void aClassKnowsItsBundle(BundleContext context) throws ClassNotFoundException {
        Bundle log = Arrays.stream(context.getBundles())
                .filter(b -> "io.koshi.log".equals(b.getSymbolicName()))
                .findFirst()
                .orElseThrow();

        Class<?> inside = log.loadClass("io.koshi.log.internal.OsgiLog");

        assertThat(FrameworkUtil.getBundle(inside)).isSameAs(log);
    }

    private static boolean startsOnDemand(Bundle bundle) {
        return !bundle.adapt(BundleStartLevel.class).isPersistentlyStarted()
                && bundle.getHeaders("").get("Bundle-Activator") != null;
    }

    private static boolean unused(Bundle bundle) {
        return bundle.adapt(BundleWiring.class).getProvidedWires(null).stream()
                .allMatch(wire -> wire.getRequirer().getBundle().equals(bundle));
    }

    private static List<String> names(Stream<Bundle> bundles) {
        return bundles.map(Bundle::getSymbolicName).toList();
    }
}
