package io.koshi.frame.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Scope;
import java.util.List;
import java.util.Locale;

/** What a connection may hear and be, by its caller's scopes. */
record Rights(Caller caller) {
    /**
     * Who may read a noun may hear its events; who may read {@code event} hears all.
     *
     * @throws KoshiException FORBIDDEN, with the scope that is missing
     */
    void hear(List<String> topics) {
        need("gateway", Scope.READ, "call gateway.subscribe");
        for (String topic : topics) {
            int dot = topic.indexOf('.');
            String noun = dot < 0 ? topic : topic.substring(0, dot);
            if (noun.indexOf('*') >= 0 || !caller.may(noun, Scope.READ)) {
                need("event", Scope.READ, "hear " + topic);
            }
        }
    }

    /** @throws KoshiException FORBIDDEN, with the scope that is missing */
    void need(String noun, Scope scope, String what) {
        if (!caller.may(noun, scope)) {
            throw new KoshiException(
                    ErrorCode.FORBIDDEN,
                    caller.name() + " may not " + what + "; it needs the scope " + noun + "."
                            + scope.name().toLowerCase(Locale.ROOT));
        }
    }
}
