package io.koshi.launcher;

import java.io.File;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.connect.ConnectModule;
import org.osgi.framework.connect.ModuleConnector;

/**
 * Serves bundles from the class path (OSGi Connect, OSGi Core 8, chapter 60): a location {@code core:NAME.jar} has
 * the headers and entries of that jar and the classes of the application's class loader. Every other location
 * stays an ordinary bundle with a class loader of its own. Thread-safe.
 */
public final class ClassPathModules implements ModuleConnector {
    private static final String SCHEME = "core:";

    private final Map<String, Path> jars;
    private final ClassLoader loader;
    private final HeaderIndex headers;

    /**
     * @param jars the jars on the class path that are bundles, by file name
     * @param loader has them all on its class path
     */
    public ClassPathModules(Map<String, Path> jars, ClassLoader loader) {
        this(jars, loader, HeaderIndex.none());
    }

    ClassPathModules(Map<String, Path> jars, ClassLoader loader, HeaderIndex headers) {
        this.jars = Map.copyOf(jars);
        this.loader = loader;
        this.headers = headers;
    }

    /** The location under which a jar of the class path is installed. */
    public static String location(String jar) {
        return SCHEME + jar;
    }

    @Override
    public void initialize(File storage, Map<String, String> configuration) {}

    @Override
    public Optional<ConnectModule> connect(String location) {
        if (!location.startsWith(SCHEME)) {
            return Optional.empty();
        }
        Path jar = jars.get(location.substring(SCHEME.length()));
        if (jar == null) {
            throw new IllegalStateException("Not on the class path: " + location);
        }
        JarContent content = new JarContent(jar, loader, headers.headers(jar));
        return Optional.of(() -> content);
    }

    @Override
    public Optional<BundleActivator> newBundleActivator() {
        return Optional.of(new BundleActivator() {
            @Override
            public void start(BundleContext context) {
                ClassPathBundles.follow(context, loader);
            }

            @Override
            public void stop(BundleContext context) {
                ClassPathBundles.follow(null, null);
            }
        });
    }
}
