package io.koshi.rpc;

import java.util.Map;

/**
 * What is known of a method.
 *
 * @param name {@code noun.verb}
 * @param summary a sentence
 * @param params JSON Schema of the parameters, an object
 * @param result JSON Schema of the result, an object
 * @param owner the bundle or remote service that answers
 */
public record MethodInfo(
        String name,
        String summary,
        Scope scope,
        Map<String, Object> params,
        Map<String, Object> result,
        String owner) {
    /** The part of the name before the first dot. */
    public String noun() {
        int dot = name.indexOf('.');
        return dot < 0 ? name : name.substring(0, dot);
    }
}
