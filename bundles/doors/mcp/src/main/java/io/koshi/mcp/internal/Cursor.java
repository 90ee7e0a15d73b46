package io.koshi.mcp.internal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Pages of a list, by cursors that only we understand. */
final class Cursor {
    private Cursor() {}

    /** @throws Fault INVALID_PARAMS for one that we did not give */
    static int offset(Object cursor, int size) {
        if (cursor == null) {
            return 0;
        }
        try {
            int offset = Integer.parseInt(String.valueOf(cursor));
            if (offset >= 0) {
                return Math.min(offset, size);
            }
        } catch (NumberFormatException e) {
            throw invalid();
        }
        throw invalid();
    }

    static Fault invalid() {
        return new Fault(Fault.INVALID_PARAMS, "a cursor is the nextCursor of the page before");
    }

    /** @param next null on the last page */
    static Map<String, Object> page(String name, List<Object> items, String next) {
        Map<String, Object> page = new LinkedHashMap<>();
        page.put(name, items);
        if (next != null) {
            page.put("nextCursor", next);
        }
        return page;
    }
}
