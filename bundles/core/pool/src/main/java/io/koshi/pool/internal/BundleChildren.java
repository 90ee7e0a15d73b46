package io.koshi.pool.internal;

import io.koshi.api.Child;
import io.koshi.api.Children;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ServiceScope;

/** One bundle's programs; those that still run end when it has gone. Thread-safe. */
@Component(
        name = "io.koshi.pool.children",
        service = Children.class,
        scope = ServiceScope.BUNDLE,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class BundleChildren implements Children {
    private final Nursery nursery;
    private final Set<RunningChild> mine = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    @Activate
    public BundleChildren(@Reference Nursery nursery) {
        this.nursery = nursery;
    }

    @Override
    public Optional<String> unavailable() {
        return nursery.unavailable();
    }

    @Override
    public Child start(Launch launch) throws IOException {
        RunningChild child = nursery.start(launch, mine::remove);
        mine.add(child); // nobody else can have closed it yet
        if (closed) {
            child.kill();
            throw new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "Its plugin has stopped; start it again first");
        }
        return child;
    }

    @Deactivate
    void close() {
        closed = true;
        Set.copyOf(mine).forEach(RunningChild::kill);
    }
}
