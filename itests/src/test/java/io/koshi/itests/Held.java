package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a hub holds, once its collector has looked.
 *
 * @param heapKb of the heap, in KB
 * @param threads other than those of pools that grow and shrink with the load
 */
record Held(long heapKb, long threads) {
    private static final Pattern ELASTIC = Pattern.compile("qtp|koshi-work|koshi-ksi|koshi-swarm-res|Scheduler");
    /** Of each part of the heap; what the parts are called differs from Java to Java. */
    private static final Pattern USED = Pattern.compile("total \\d+K, used (\\d+)K");

    static Held by(Daemon daemon) throws Exception {
        daemon.diagnose("GC.run");
        Matcher used = USED.matcher(daemon.diagnose("GC.heap_info"));
        long sum = 0;
        while (used.find()) {
            sum += Long.parseLong(used.group(1));
        }
        assertThat(sum).isPositive();
        return new Held(
                sum,
                daemon.threads().stream()
                        .filter(name -> !ELASTIC.matcher(name).lookingAt())
                        .count());
    }
}
