package io.koshi.ksi.internal;

import io.koshi.api.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A request that its models refuse: FastAPI's 422, in the words of pydantic 1. */
final class Invalid extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Object> problems;

    Invalid(List<Object> problems) {
        super(null, null, false, false);
        this.problems = List.copyOf(problems);
    }

    Map<String, Object> body() {
        return Map.of("detail", problems);
    }

    /** A body that is no JSON; Python's text ends in the place. */
    static Invalid json(String text) {
        int colon = text.lastIndexOf(": line ");
        String place = text.replaceAll("(?s).*\\(char (\\d+)\\)$", "$1");
        long position = place.matches("\\d+") ? Long.parseLong(place) : 0;
        Map<String, Object> context = new LinkedHashMap<>();
        context.put("msg", colon < 0 ? text : text.substring(0, colon));
        context.put("pos", position);
        context.put("lineno", number(text, "line (\\d+)"));
        context.put("colno", number(text, "column (\\d+)"));
        Map<String, Object> problem = problem(List.of("body", position), text, "value_error.jsondecode");
        problem.put("ctx", context);
        return new Invalid(List.of(problem));
    }

    /** What the older daemon had no bound for, and the hub has. */
    static RuntimeException beyond(List<Problem> faults) {
        List<Object> problems = new ArrayList<>();
        for (Problem fault : faults) {
            List<Object> where = new ArrayList<>(List.of("body"));
            for (String step : fault.path().substring(1).split("/")) {
                where.add(step.equals("agentId") ? "agent_id" : step.matches("\\d{1,9}") ? Long.valueOf(step) : step);
            }
            problems.add(problem(where, "ensure this value " + fault.problem(), "value_error"));
        }
        return new Invalid(problems);
    }

    static Map<String, Object> problem(List<Object> where, String message, String type) {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("loc", where);
        problem.put("msg", message);
        problem.put("type", type);
        return problem;
    }

    private static long number(String text, String pattern) {
        Matcher found = Pattern.compile(pattern).matcher(text);
        return found.find() ? Long.parseLong(found.group(1)) : 1;
    }
}
