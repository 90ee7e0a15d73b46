package io.koshi.itests;

import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Collection;

/**
 * The daemon's class path inside a test's JVM: the jars of the core bundles and the JDK. What a test brings along
 * (another slf4j, another Jackson) stays out of it; the framework alone is shared.
 */
final class FlatClassPath extends URLClassLoader {
    FlatClassPath(Collection<Path> jars) {
        super(jars.stream().map(FlatClassPath::url).toArray(URL[]::new), getPlatformClassLoader());
    }

    /** Called where neither the JDK nor a jar has the class. */
    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        if (name.startsWith("org.osgi.framework.")) {
            return FlatClassPath.class.getClassLoader().loadClass(name);
        }
        try {
            return super.findClass(name);
        } catch (ClassNotFoundException elsewhere) {
            if (name.startsWith("org.osgi.")) {
                return FlatClassPath.class.getClassLoader().loadClass(name);
            }
            throw elsewhere;
        }
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
