package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.startlevel.BundleStartLevel;
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

    /** A library that nobody imports from and that offers no service has no business in a feature. */
    @Test
    void everyLibraryIsUsed(BundleContext context) {
        assertThat(names(Arrays.stream(context.getBundles())
                        .filter(b -> b.getBundleId() < context.getBundle().getBundleId())
                        .filter(b -> !b.getSymbolicName().startsWith("io.koshi."))
                        .filter(b -> !b.getLocation().contains("/itests/"))
                        .filter(b -> b.getRegisteredServices() == null)
                        .filter(b -> !startsOnDemand(b))
                        .filter(b -> unused(b, context))))
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

    /** Asks the manifests: from the class path a core bundle's imports are not told to the framework. */
    private static boolean unused(Bundle bundle, BundleContext context) {
        Set<String> offered = packages(bundle, Constants.EXPORT_PACKAGE);
        return Arrays.stream(context.getBundles())
                .filter(other -> other.getBundleId() != 0 && !other.equals(bundle))
                .allMatch(other -> Collections.disjoint(packages(other, Constants.IMPORT_PACKAGE), offered));
    }

    private static Set<String> packages(Bundle bundle, String header) {
        try (InputStream in = bundle.getEntry("META-INF/MANIFEST.MF").openStream()) {
            String clauses = new Manifest(in).getMainAttributes().getValue(header);
            return clauses == null
                    ? Set.of()
                    : Arrays.stream(clauses.replaceAll("\"[^\"]*\"", "").split(","))
                            .map(clause -> clause.split(";")[0].strip())
                            .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> names(Stream<Bundle> bundles) {
        return bundles.map(Bundle::getSymbolicName).toList();
    }
}
