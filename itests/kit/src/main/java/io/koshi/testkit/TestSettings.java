package io.koshi.testkit;

import io.koshi.codec.Codec;
import io.koshi.config.Config;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/** Settings that a test writes as koshi.yaml has them; who listens is told on the test's thread. Thread-safe. */
public class TestSettings implements PlainSettings {
    private final List<BiConsumer<Config, Config>> listeners = new CopyOnWriteArrayList<>();
    private final Path data;
    private final Codec codec;
    private volatile Config config;

    /** Begins with the defaults; {@code data} is the hub's home too. */
    public TestSettings(Path data, Codec codec) {
        this(data, codec, Map.of());
    }

    public TestSettings(Path data, Codec codec, Map<String, Object> yaml) {
        this.data = data;
        this.codec = codec;
        this.config = codec.fromData(yaml, Config.class);
    }

    /** Replaces the whole configuration, as a reload does. */
    public final void configure(Map<String, Object> yaml) {
        Config old = config;
        config = codec.fromData(yaml, Config.class);
        listeners.forEach(listener -> listener.accept(old, config));
    }

    @Override
    public Config config() {
        return config;
    }

    @Override
    public Path data() {
        return data;
    }

    @Override
    public AutoCloseable onChange(BiConsumer<Config, Config> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }
}
