package io.koshi.config.internal;

import io.koshi.config.internal.YamlNode.Entry;
import io.koshi.config.internal.YamlNode.Mapping;
import io.koshi.config.internal.YamlNode.Place;
import io.koshi.config.internal.YamlNode.Scalar;
import io.koshi.config.internal.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The plain data of a YAML text, with the place of every value and the paths that were filled in. Immutable. */
final class Document {
    /** More than 10,000 jobs of {@code cron} have, and less than aliases of aliases make. */
    private static final int MAX_VALUES = 250_000;

    private final Interpolation interpolation;
    private final Map<String, Place> places = new HashMap<>();
    private final Set<String> filled = new HashSet<>();
    private final List<Fault> faults = new ArrayList<>();
    private final Map<String, Object> data;
    private int values;

    private Document(Mapping root, Interpolation interpolation) {
        this.interpolation = interpolation;
        places.put("", root.start());
        this.data = mapping(root, "", 0);
        if (!faults.isEmpty()) {
            throw new FaultyText(faults);
        }
    }

    /** @throws FaultyText when a variable is unset */
    static Document of(Mapping root, Interpolation interpolation) {
        return new Document(root, interpolation);
    }

    Map<String, Object> data() {
        return data;
    }

    /** Paths of values that hold something from the environment or from secrets.yaml. */
    Set<String> filled() {
        return filled;
    }

    /** Where a path stands, or the nearest thing around it: for a value in a block, its key. */
    Place place(String path) {
        String at = path;
        while (!places.containsKey(at)) {
            at = at.substring(0, Math.max(0, at.lastIndexOf('/')));
        }
        return places.get(at);
    }

    /** Puts a name behind a JSON Pointer (RFC 6901). */
    static String child(String path, String name) {
        return path + "/" + name.replace("~", "~0").replace("/", "~1");
    }

    private Object value(YamlNode node, String path, int depth) {
        if (++values > MAX_VALUES) {
            throw new FaultyText(
                    node.start(),
                    path,
                    "more than " + MAX_VALUES
                            + " values; a configuration has fewer, jobs can be added with koshi cron add");
        }
        if (node instanceof Mapping mapping) {
            return mapping(mapping, path, depth);
        }
        return node instanceof Sequence sequence ? list(sequence, path, depth) : scalar((Scalar) node, path);
    }

    /** A key whose value is left empty counts as not there, in the file's blocks and their settings. */
    private Map<String, Object> mapping(Mapping mapping, String path, int depth) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (Entry entry : mapping.entries()) {
            String name = entry.key().text();
            String below = child(path, name);
            places.put(below, entry.key().start());
            Object value = value(entry.value(), below, depth + 1);
            if (value != null || depth > 1) {
                map.put(name, value);
            }
        }
        return map;
    }

    private List<Object> list(Sequence sequence, String path, int depth) {
        List<Object> list = new ArrayList<>();
        for (YamlNode item : sequence.items()) {
            String below = path + "/" + list.size();
            places.put(below, item.start());
            list.add(value(item, below, depth + 1));
        }
        return list;
    }

    private Object scalar(Scalar scalar, String path) {
        try {
            Interpolation.Result result = interpolation.apply(scalar.text());
            if (result.filled()) {
                filled.add(path);
                return result.text();
            }
            return scalar.plain() ? CoreSchema.value(result.text()) : result.text();
        } catch (IllegalArgumentException e) {
            faults.add(new Fault(scalar.start(), path, e.getMessage()));
            return "";
        }
    }
}
