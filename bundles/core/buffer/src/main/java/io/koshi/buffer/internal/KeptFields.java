package io.koshi.buffer.internal;

import io.koshi.codec.RawObject;
import java.lang.ref.WeakReference;
import java.util.AbstractMap;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Fields of which only the top-level scalars are in memory; the rest is read from disk for who looks at it,
 * and forgotten again. Thread-safe.
 */
final class KeptFields extends AbstractMap<String, Object> implements RawObject {
    private static final int SCALAR_BYTES = 512;

    private final Optional<RawObject> scalars;
    private final Supplier<RawObject> disk;
    private volatile WeakReference<RawObject> read = new WeakReference<>(null);

    /** @param disk reads them again; what it throws, looking at them throws */
    KeptFields(RawObject fields, Supplier<RawObject> disk) {
        this.scalars = fields.scalars(SCALAR_BYTES);
        this.disk = disk;
    }

    private RawObject fields() {
        RawObject fields = read.get();
        if (fields == null) {
            fields = disk.get();
            read = new WeakReference<>(fields);
        }
        return fields;
    }

    @Override
    public Optional<RawObject> scalars(int mostBytes) {
        return fields().scalars(mostBytes);
    }

    @Override
    public byte[] raw() {
        return fields().raw();
    }

    @Override
    public Object scalar(String... path) {
        return (path.length == 1 ? scalars.orElseGet(this::fields) : fields()).scalar(path);
    }

    @Override
    public Object get(Object key) {
        return fields().get(key);
    }

    @Override
    public boolean containsKey(Object key) {
        return fields().containsKey(key);
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
        return fields().entrySet();
    }

    /** What came from outside has no place in a log. */
    @Override
    public String toString() {
        return "fields on disk";
    }
}
