package io.koshi.pool.internal;

import io.koshi.api.Children;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * A small process beside the hub that outlives its SIGKILL by a moment: when the pipe to it breaks, it ends everything
 * that has the hub's mark. The kernel ends only the children themselves, not what they have started. Confined to the
 * thread that starts children.
 */
final class Warden implements AutoCloseable {
    /** {@code $1} is what the environment of each of the hub's children has; some passes, as a process may be forking. */
    private static final String SCRIPT = """
            trap '' HUP INT TERM
            while read -r line; do :; done
            pass=0
            while [ $pass -lt 20 ]; do
                found=$(grep -slaF -- "$1" /proc/[0-9]*/environ)
                [ -n "$found" ] || exit 0
                for file in $found; do
                    pid=${file#/proc/}
                    kill -KILL "${pid%/environ}" 2>/dev/null
                done
                pass=$((pass + 1))
            done
            """;

    private final Process process;
    private final OutputStream alive;

    /** @param mark what the marks of this hub's children begin with */
    Warden(Wrapping wrapping, String mark) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                wrapping.own("setsid"), wrapping.own("sh"), "-c", SCRIPT, "koshi-warden", Children.MARK + "=" + mark));
        String path = builder.environment().getOrDefault("PATH", "/usr/bin:/bin");
        builder.environment().clear();
        builder.environment().put("PATH", path);
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD);
        this.process = builder.start();
        this.alive = process.getOutputStream();
    }

    boolean stands() {
        return process.isAlive();
    }

    @Override
    public void close() {
        try {
            alive.close();
        } catch (IOException e) {
            process.destroyForcibly(); // it has gone or will not hear
        }
    }
}
