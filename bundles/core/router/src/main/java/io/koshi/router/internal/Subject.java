package io.koshi.router.internal;

import io.koshi.api.Message;
import io.koshi.codec.RawObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A message as rules see it; looks into its fields only where a rule asks, and once for each path.
 * Confined to one thread.
 */
final class Subject {
    private static final Object NOTHING = new Object();

    /** More than one value at one path. */
    record Many(List<Object> values) {}

    private final Message message;
    private final Instant at;
    private final Object[] scalars;
    private String base;

    /**
     * @param at when it was accepted, for time windows
     * @param paths how many paths the rule table has
     */
    Subject(Message message, Instant at, int paths) {
        this.message = message;
        this.at = at;
        this.scalars = new Object[paths];
    }

    Message message() {
        return message;
    }

    Instant at() {
        return at;
    }

    /** The channel's instance name without its instance: {@code telegram} of {@code telegram~work}. */
    String base() {
        if (base == null) {
            String name = message.from().channel();
            int tilde = name.indexOf('~');
            base = tilde > 0 ? name.substring(0, tilde) : name;
        }
        return base;
    }

    /** The scalar at a path, a {@link Many} where it leads to several values, or null. */
    Object scalar(Path path) {
        Object known = scalars[path.slot()];
        if (known == null) {
            known = find(path);
            scalars[path.slot()] = known == null ? NOTHING : known;
            return known;
        }
        return known == NOTHING ? null : known;
    }

    private Object find(Path path) {
        switch (path.kind()) {
            case CHANNEL:
                String name = message.from().channel();
                return name.equals(base()) ? name : new Many(List.of(name, base()));
            case SENDER:
                return message.sender();
            case CONVERSATION:
                return message.from().conversation();
            case TEXT:
                return message.text();
            case TRUST:
                return message.trust().name().toLowerCase(Locale.ROOT);
            case PRIORITY:
                return (long) message.priority();
            case FIELD:
                if (message.fields() instanceof RawObject raw) {
                    return raw.scalar(path.segments());
                }
                return first(all(path));
            default:
                List<Object> all = all(path);
                return all.size() > 1 ? new Many(all) : first(all);
        }
    }

    private static Object first(List<Object> values) {
        return values.isEmpty() ? null : values.get(0);
    }

    /** Everything at a path, lists and maps too; never null. */
    List<Object> all(Path path) {
        if (path.kind() == Path.Kind.FIELD || path.kind() == Path.Kind.LISTED) {
            List<Object> found = new ArrayList<>(1);
            path.collect(message.fields(), found);
            return found;
        }
        Object value = scalar(path);
        return value instanceof Many many ? many.values() : value == null ? List.of() : List.of(value);
    }
}
