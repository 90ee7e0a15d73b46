package io.koshi.agent.internal;

import io.koshi.agent.Models;
import io.koshi.model.Model;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;

/** The named models that are here now, filled by {@link ModelWhiteboard}. Thread-safe. */
@Component(
        name = "io.koshi.agent.models",
        service = {Models.class, ModelTable.class},
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class ModelTable implements Models {
    private final Map<String, Model> models = new ConcurrentHashMap<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    @Activate
    public ModelTable() {}

    @Override
    public Optional<Model> find(String name) {
        return Optional.ofNullable(models.get(name));
    }

    @Override
    public List<String> names() {
        return models.keySet().stream().sorted().toList();
    }

    /** A newer model takes the place of an older one of the same name. */
    void put(String name, Model model) {
        models.put(name, model);
        listeners.forEach(Runnable::run);
    }

    /** Takes a model away, unless a newer one has its place. */
    void remove(String name, Model model) {
        models.remove(name, model);
    }

    /** Calls back, shortly, whenever a model comes, until closed. */
    AutoCloseable onArrival(Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }
}
