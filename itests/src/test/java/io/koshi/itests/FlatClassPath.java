package io.koshi.itests;

import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Collection;

/**
 * The daemon's class path inside a test's JVM: the jars of the core bundles, looked at before the test's own class
 * path, so that what a test brings along (another slf4j, another Jackson) stays out of the house. The framework's API
 * alone is shared.
 */
final class FlatClassPath extends URLClassLoader {
    FlatClassPath(Collection<Path> jars) {
        super(
                jars.stream().map(FlatClassPath::url).toArray(URL[]::new),
                FlatClassPath.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (name.startsWith("org.osgi.framework.") || name.startsWith("java.")) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded != null) {
                return loaded;
            }
            try {
                return findClass(name);
            } catch (ClassNotFoundException elsewhere) {
                return super.loadClass(name, resolve);
            }
        }
    }

    @Override
    public URL getResource(String name) {
        URL own = findResource(name);
        return own == null ? super.getResource(name) : own;
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
