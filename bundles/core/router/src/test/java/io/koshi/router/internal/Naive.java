package io.koshi.router.internal;

import io.koshi.api.Message;
import io.koshi.config.Config;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Routing as docs/rooms/router.md tells it, written for sense and not for speed: what the table is held against. */
final class Naive {
    private Naive() {}

    static String decide(List<Config.RouteBlock> routes, Message message) {
        for (int i = 0; i < routes.size(); i++) {
            if (block(routes.get(i).match(), message)) {
                return routes.get(i).name().orElse("#" + (i + 1));
            }
        }
        return "default";
    }

    private static boolean block(Map<?, ?> match, Message message) {
        return match.entrySet().stream().allMatch(e -> one(String.valueOf(e.getKey()), e.getValue(), message));
    }

    private static boolean one(String key, Object expected, Message message) {
        switch (key) {
            case "any":
                return ((List<?>) expected).stream().anyMatch(b -> block((Map<?, ?>) b, message));
            case "all":
                return ((List<?>) expected).stream().allMatch(b -> block((Map<?, ?>) b, message));
            case "not":
                return !block((Map<?, ?>) expected, message);
            default:
                return path(values(key, message), expected);
        }
    }

    private static boolean path(List<Object> values, Object expected) {
        if (expected == null) {
            return values.isEmpty();
        }
        if (!(expected instanceof Map<?, ?> operators)) {
            return values.stream().anyMatch(v -> plain(expected, v));
        }
        List<Map.Entry<?, ?>> positive = new ArrayList<>();
        for (Map.Entry<?, ?> operator : operators.entrySet()) {
            switch (String.valueOf(operator.getKey())) {
                case "exists":
                    if (values.isEmpty() == (Boolean) operator.getValue()) {
                        return false;
                    }
                    break;
                case "ne":
                    if (values.stream().anyMatch(v -> equal(operator.getValue(), v))) {
                        return false;
                    }
                    break;
                case "not":
                    if (path(values, operator.getValue())) {
                        return false;
                    }
                    break;
                default:
                    positive.add(operator);
            }
        }
        return positive.isEmpty()
                || values.stream()
                        .anyMatch(v ->
                                positive.stream().allMatch(o -> operator(String.valueOf(o.getKey()), o.getValue(), v)));
    }

    private static boolean operator(String name, Object argument, Object value) {
        if (value instanceof Map || value instanceof List) {
            return false;
        }
        switch (name) {
            case "eq":
                return equal(argument, value);
            case "glob":
                return glob((String) argument, String.valueOf(value));
            case "regex":
                return Pattern.compile((String) argument)
                        .matcher(String.valueOf(value))
                        .find();
            case "in":
                return ((List<?>) argument).stream().anyMatch(a -> equal(a, value));
            default:
                BigDecimal number;
                try {
                    number = new BigDecimal(String.valueOf(value));
                } catch (NumberFormatException e) {
                    return false;
                }
                int order = number.compareTo(new BigDecimal(String.valueOf(argument)));
                return switch (name) {
                    case "lt" -> order < 0;
                    case "lte" -> order <= 0;
                    case "gt" -> order > 0;
                    case "gte" -> order >= 0;
                    default -> throw new IllegalArgumentException(name);
                };
        }
    }

    private static boolean plain(Object expected, Object value) {
        if (expected instanceof List<?> list) {
            return list.stream().anyMatch(e -> equal(e, value));
        }
        if (expected instanceof String s && (s.contains("*") || s.contains("?"))) {
            return !(value instanceof Map) && !(value instanceof List) && glob(s, String.valueOf(value));
        }
        return equal(expected, value);
    }

    private static boolean equal(Object expected, Object value) {
        if (expected instanceof Number && value instanceof Number) {
            return new BigDecimal(expected.toString()).compareTo(new BigDecimal(value.toString())) == 0;
        }
        return !(value instanceof Map)
                && !(value instanceof List)
                && expected.toString().equals(value.toString());
    }

    private static boolean glob(String glob, String text) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            if (c == '\\' && i + 1 < glob.length()) {
                regex.append(Pattern.quote(String.valueOf(glob.charAt(++i))));
            } else {
                regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL).matcher(text).matches();
    }

    private static List<Object> values(String path, Message message) {
        String channel = message.from().channel();
        switch (path) {
            case "channel":
                return channel.contains("~")
                        ? List.of(channel, channel.substring(0, channel.indexOf('~')))
                        : List.of(channel);
            case "from", "sender":
                return List.of(message.sender());
            case "conversation":
                return List.of(message.from().conversation());
            case "text":
                return List.of(message.text());
            case "trust":
                return List.of(message.trust().name().toLowerCase(Locale.ROOT));
            case "priority":
                return List.of((long) message.priority());
            default:
                List<Object> at = new ArrayList<>(List.of(message.fields()));
                for (String segment : path.replace("[]", ".[]").split("\\.")) {
                    List<Object> next = new ArrayList<>();
                    for (Object value : at) {
                        if (value instanceof Map<?, ?> map && map.get(segment) != null) {
                            next.add(map.get(segment));
                        } else if (value instanceof List<?> list && segment.equals("[]")) {
                            list.stream().filter(java.util.Objects::nonNull).forEach(next::add);
                        } else if (value instanceof List<?> list
                                && segment.matches("\\d+")
                                && Integer.parseInt(segment) < list.size()
                                && list.get(Integer.parseInt(segment)) != null) {
                            next.add(list.get(Integer.parseInt(segment)));
                        }
                    }
                    at = next;
                }
                return at;
        }
    }
}
