package io.koshi.router.internal;

import io.koshi.router.Action;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;

/** The actions that rooms offer now, by their word. Thread-safe. */
@Component(
        name = "io.koshi.router.actions",
        service = ActionTable.class,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class ActionTable {
    private final Map<String, Action> actions = new ConcurrentHashMap<>();
    private final CopyOnWriteArrayList<Runnable> listeners = new CopyOnWriteArrayList<>();

    @Activate
    public ActionTable() {}

    Optional<Action> find(String word) {
        return Optional.ofNullable(actions.get(word));
    }

    Set<String> words() {
        return new TreeSet<>(actions.keySet());
    }

    void put(String word, Action action) {
        actions.put(word, action);
        listeners.forEach(Runnable::run);
    }

    void remove(String word, Action action) {
        actions.remove(word, action);
    }

    /** Calls back when an action comes, until closed. */
    AutoCloseable onArrival(Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }
}
