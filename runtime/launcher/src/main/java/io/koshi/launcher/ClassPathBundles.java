package io.koshi.launcher;

import java.security.CodeSource;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.connect.FrameworkUtilHelper;

/**
 * Answers {@code FrameworkUtil.getBundle} for a class of the class path: the bundle whose jar the class came from.
 * Found through {@code META-INF/services}. Thread-safe.
 */
public final class ClassPathBundles implements FrameworkUtilHelper {
    private static volatile BundleContext system;
    private static volatile ClassLoader classPath;

    /** Called when the framework starts, and with nulls when it stops. */
    static void follow(BundleContext context, ClassLoader loader) {
        system = context;
        classPath = loader;
    }

    @Override
    public Optional<Bundle> getBundle(Class<?> type) {
        BundleContext context = system;
        if (context == null || type.getClassLoader() != classPath) {
            return Optional.empty();
        }
        CodeSource source = type.getProtectionDomain().getCodeSource();
        if (source == null) {
            return Optional.empty();
        }
        String path = source.getLocation().getPath();
        String jar = path.substring(path.lastIndexOf('/') + 1);
        return Optional.ofNullable(context.getBundle(ClassPathModules.location(jar)));
    }
}
