package io.koshi.ksi.internal;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The members of a request's body, checked one by one as pydantic 1 does; all faults are told at once. Confined to one request. */
final class Fields {
    static final String UUID = "^[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$";
    private static final Pattern SESSION = Pattern.compile(UUID);

    private final Map<?, ?> body;
    private final List<Object> problems = new ArrayList<>();

    private Fields(Map<?, ?> body) {
        this.body = body;
    }

    /** @throws Invalid when the body is no object */
    static Fields of(Object body) {
        if (body instanceof Map<?, ?> map) {
            return new Fields(map);
        }
        throw new Invalid(List.of(Invalid.problem(List.of("body"), "value is not a valid dict", "type_error.dict")));
    }

    /** @throws Invalid with every fault so far */
    void done() {
        if (!problems.isEmpty()) {
            throw new Invalid(problems);
        }
    }

    String session() {
        String id = required("session_id");
        if (id != null && !SESSION.matcher(id).matches()) {
            Map<String, Object> problem = Invalid.problem(
                    at("session_id"), "string does not match regex \"" + UUID + "\"", "value_error.str.regex");
            problem.put("ctx", Map.of("pattern", UUID));
            problems.add(problem);
        }
        return id;
    }

    String required(String name) {
        if (!body.containsKey(name)) {
            problems.add(Invalid.problem(at(name), "field required", "value_error.missing"));
            return null;
        }
        Object value = body.get(name);
        if (value == null) {
            problems.add(Invalid.problem(at(name), "none is not an allowed value", "type_error.none.not_allowed"));
            return null;
        }
        return text(name, value);
    }

    String optional(String name, String usual) {
        Object value = body.get(name);
        return value == null ? usual : text(name, value);
    }

    List<String> texts(String name, boolean required) {
        Object value = body.get(name);
        if (value == null) {
            if (required && !body.containsKey(name)) {
                return List.of();
            }
            if (required) {
                problems.add(Invalid.problem(at(name), "none is not an allowed value", "type_error.none.not_allowed"));
            }
            return List.of();
        }
        if (!(value instanceof List<?> list)) {
            problems.add(Invalid.problem(at(name), "value is not a valid list", "type_error.list"));
            return List.of();
        }
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            Object each = list.get(i);
            if (each == null || each instanceof Map || each instanceof List) {
                String message = each == null ? "none is not an allowed value" : "str type expected";
                String type = each == null ? "type_error.none.not_allowed" : "type_error.str";
                problems.add(Invalid.problem(List.of("body", name, (long) i), message, type));
            } else {
                texts.add(String.valueOf(each));
            }
        }
        return texts;
    }

    void oneOf(String name, List<String> allowed) {
        Object value = body.get(name);
        if (body.containsKey(name) && !allowed.contains(value)) {
            String names = allowed.stream().map(each -> "'" + each + "'").collect(Collectors.joining(", "));
            Map<String, Object> problem = Invalid.problem(
                    at(name), "value is not a valid enumeration member; permitted: " + names, "type_error.enum");
            problem.put("ctx", Map.of("enum_values", allowed));
            problems.add(problem);
        }
    }

    /** pydantic 1 makes text of numbers; of true and false, too, since they are numbers to Python. */
    private String text(String name, Object value) {
        if (value instanceof Map || value instanceof List) {
            problems.add(Invalid.problem(at(name), "str type expected", "type_error.str"));
            return null;
        }
        if (value instanceof Boolean flag) {
            return flag ? "True" : "False";
        }
        return value instanceof BigDecimal number ? number.toPlainString() : String.valueOf(value);
    }

    private static List<Object> at(String name) {
        return List.of("body", name);
    }
}
