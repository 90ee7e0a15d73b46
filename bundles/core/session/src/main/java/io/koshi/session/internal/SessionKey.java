package io.koshi.session.internal;

import io.koshi.api.Address;
import io.koshi.api.KoshiException;
import io.koshi.config.Config.SessionPolicy;
import io.koshi.session.Sessions;

/** Reads the name of a session. */
final class SessionKey {
    static final int MAX = Sessions.LONGEST_KEY;

    private SessionKey() {}

    /** @throws KoshiException INVALID_PARAMS when it cannot name a session */
    static String checked(String key) {
        return Sessions.checkedKey(key);
    }

    /** What a session is for, where nobody said. */
    static String kind(String key) {
        return key.startsWith("spawn:") ? "subagent" : key.startsWith("cron:") ? "cron" : "chat";
    }

    /** Where a session talks that no message has come in for yet: its own name read as an address. */
    static Address address(String key) {
        int colon = key.indexOf(':');
        if (key.equals(SessionPolicy.MAIN)) {
            return Address.of("console", SessionPolicy.MAIN);
        }
        if (colon <= 0 || colon == key.length() - 1) {
            throw KoshiException.invalid(
                    "/sessionKey", "write it as channel:conversation, or main where sessions are shared");
        }
        return Address.of(key.substring(0, colon), key.substring(colon + 1));
    }
}
