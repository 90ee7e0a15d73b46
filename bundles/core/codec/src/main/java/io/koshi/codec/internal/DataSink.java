package io.koshi.codec.internal;

import io.koshi.codec.RawObject;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Builds plain data. Confined to one call. */
final class DataSink implements Sink {
    /** A map or list being filled, and the key its next value goes under. */
    private static final class Open {
        final Map<String, Object> map;
        final List<Object> list;
        String key;

        Open(Map<String, Object> map, List<Object> list) {
            this.map = map;
            this.list = list;
        }
    }

    private final Deque<Open> open = new ArrayDeque<>();
    private Object result;

    Object result() {
        return result;
    }

    @Override
    public int startMap(int most) {
        Map<String, Object> map = new LinkedHashMap<>();
        add(map);
        open.push(new Open(map, null));
        return 0;
    }

    @Override
    public void endMap(int mark, int count) {
        open.pop();
    }

    @Override
    public void key(Key key) {
        open.peek().key = key.name();
    }

    @Override
    public void key(String key) {
        open.peek().key = key;
    }

    @Override
    public void startList(int count) {
        List<Object> list = new ArrayList<>(count);
        add(list);
        open.push(new Open(null, list));
    }

    @Override
    public void endList() {
        open.pop();
    }

    @Override
    public void text(String value) {
        add(value);
    }

    @Override
    public void whole(long value) {
        add(value);
    }

    @Override
    public void whole(BigInteger value) {
        add(value.bitLength() < 64 ? (Object) value.longValue() : value);
    }

    @Override
    public void real(double value) {
        add(value);
    }

    @Override
    public void real(BigDecimal value) {
        add(value);
    }

    @Override
    public void truth(boolean value) {
        add(value);
    }

    @Override
    public void bytes(byte[] value) {
        add(value);
    }

    @Override
    public void nothing() {
        add(null);
    }

    @Override
    public boolean raw(RawObject value) {
        add(value);
        return true;
    }

    private void add(Object value) {
        Open top = open.peek();
        if (top == null) {
            result = value;
        } else if (top.map != null) {
            top.map.put(top.key, value);
        } else {
            top.list.add(value);
        }
    }
}
