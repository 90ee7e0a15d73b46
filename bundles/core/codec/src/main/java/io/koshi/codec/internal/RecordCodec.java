package io.koshi.codec.internal;

import io.koshi.codec.Codec;
import io.koshi.codec.RawCbor;
import io.koshi.codec.RawObject;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;

/** Binds records to JSON, CBOR and plain data by their components. Thread-safe. */
@Component(name = "io.koshi.codec", configurationPolicy = ConfigurationPolicy.IGNORE)
public final class RecordCodec implements Codec {
    @Activate
    public RecordCodec() {}

    @Override
    public Object toData(Object value) {
        DataSink sink = new DataSink();
        Writing.write(value, sink, 0);
        return sink.result();
    }

    @Override
    public <T> T fromData(Object data, Class<T> type) {
        Faults faults = new Faults();
        Shape shape = Shapes.of(type);
        Object value = null;
        if (data == null) {
            faults.add(Place.ROOT, "must be there");
        } else {
            boolean foreign = data instanceof Record && !type.isInstance(data);
            value = shape.read(foreign ? toData(data) : data, Place.ROOT, faults);
        }
        faults.raise();
        @SuppressWarnings("unchecked")
        T read = (T) value;
        return read;
    }

    @Override
    public Map<String, Object> schema(Class<?> type) {
        return SchemaMaker.make(Shapes.of(type));
    }

    @Override
    public byte[] json(Object value) {
        if (value instanceof RawObject raw) {
            return raw.raw();
        }
        JsonSink sink = new JsonSink();
        Writing.write(value, sink, 0);
        return sink.toBytes();
    }

    @Override
    public Object parseJson(byte[] utf8) {
        return Json.parse(utf8);
    }

    @Override
    public byte[] cbor(Object value) {
        if (value instanceof RawCbor raw) {
            return raw.cbor();
        }
        CborSink sink = new CborSink();
        Writing.write(value, sink, 0);
        return sink.toBytes();
    }

    @Override
    public Object parseCbor(byte[] bytes) {
        return Cbor.parse(bytes);
    }

    @Override
    public Map<String, Object> lazyCbor(byte[] item) {
        return LazyCbor.of(item);
    }

    @Override
    public Map<String, Object> lazyObject(byte[] utf8) {
        return LazyObject.of(utf8);
    }
}
