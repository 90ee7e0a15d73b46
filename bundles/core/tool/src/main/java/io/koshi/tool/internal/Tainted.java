package io.koshi.tool.internal;

import io.koshi.api.Trust;
import io.koshi.tool.Tool;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What runs have read through this room, so that a loop that forgets to say so gains nothing by it. The newest runs are
 * remembered; a run's own loop says it too, and that counts as well. Thread-safe.
 */
final class Tainted {
    private static final int REMEMBERED = 10_000;
    private static final int MOST_HOSTS = 64;

    private final Map<String, Trust> read = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Trust> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** Hosts that runs asked before they had read anything untrusted: a person's words led there. */
    private final Map<String, Set<String>> hosts = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Set<String>> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** Whether a run asked this host before it read anything untrusted; notes it where it has not read any yet. */
    synchronized boolean knows(String runId, Tool.Intent intent, Trust trust) {
        String host = intent.bound().get(Tool.Intent.HOST);
        if (host == null) {
            return false;
        }
        Set<String> known = hosts.getOrDefault(runId, Set.of());
        if (trust != Trust.LOW && known.size() < MOST_HOSTS) {
            hosts.computeIfAbsent(runId, run -> new HashSet<>()).add(host);
        }
        return known.contains(host);
    }

    synchronized void reads(String runId, Trust trust) {
        if (trust != Trust.HIGH) {
            read.merge(runId, trust, Tainted::lesser);
        }
    }

    synchronized Trust of(String runId, Trust said) {
        return lesser(said, read.getOrDefault(runId, Trust.HIGH));
    }

    private static Trust lesser(Trust a, Trust b) {
        return a.compareTo(b) >= 0 ? a : b;
    }
}
