package io.koshi.pool.internal;

import io.koshi.api.Children;
import io.koshi.api.Pools;
import java.nio.file.Path;
import java.util.Map;

/** The real threads and programs of one plugin, for tests that stand outside the pool's bundle. */
public final class Workshop implements AutoCloseable {
    private final Threads threads = new Threads();
    private final Nursery nursery;
    private final BundleChildren children;
    private final BundlePools pools = new BundlePools(threads, "io.koshi.test");

    public Workshop(Path data, Map<String, String> environment) {
        this.nursery = new Nursery(data, threads, environment);
        this.children = new BundleChildren(nursery);
    }

    public Children children() {
        return children;
    }

    public Pools pools() {
        return pools;
    }

    @Override
    public void close() {
        children.close();
        nursery.close();
        threads.stop();
    }
}
