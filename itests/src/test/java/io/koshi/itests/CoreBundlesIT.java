package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.startlevel.BundleStartLevel;

/** The house stands: every core bundle of the features starts, in both modes. */
@InContainer
class CoreBundlesIT {
    @Test
    void everyBundleThatIsToStartIsActive(BundleContext context) {
        List<String> idle = Arrays.stream(context.getBundles())
                .filter(b -> b.adapt(BundleStartLevel.class).isPersistentlyStarted())
                .filter(b -> b.getState() != Bundle.ACTIVE)
                .map(Bundle::getSymbolicName)
                .toList();

        assertThat(idle).isEmpty();
        assertThat(names(context)).contains("io.koshi.api", "io.koshi.hub", "io.koshi.gateway");
    }

    @Test
    void everyBundleIsResolved(BundleContext context) {
        assertThat(Arrays.stream(context.getBundles()).filter(b -> b.getState() == Bundle.INSTALLED))
                .isEmpty();
    }

    @Test
    void aClassKnowsItsBundle(BundleContext context) throws ClassNotFoundException {
        for (Bundle bundle : context.getBundles()) {
            if ("io.koshi.log".equals(bundle.getSymbolicName())) {
                Class<?> inside = bundle.loadClass("io.koshi.log.internal.OsgiLog");
                assertThat(FrameworkUtil.getBundle(inside)).isSameAs(bundle);
                return;
            }
        }
        throw new AssertionError("io.koshi.log is not installed");
    }

    private static List<String> names(BundleContext context) {
        return Arrays.stream(context.getBundles()).map(Bundle::getSymbolicName).toList();
    }
}
