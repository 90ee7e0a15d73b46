package io.koshi.api;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Starts other programs and sees that none outlives its use: each is the head of a process group of its own, which ends
 * with {@link Child#close}, with the calling bundle, with the hub however that ends, and at the latest when the hub
 * starts again. Thread-safe.
 *
 * <p>A child sees the environment it is given and of the hub's only where programs, the home directory, the language,
 * the time zone and temporary files are; no secret, no token and no socket path. {@value #MARK} and {@code KOSHI_RUN} are
 * set in it, by which its offspring is found and the command line refuses to end the hub from inside.
 */
@ProviderType
public interface Children {
    /** Set in every child, its value names the child; inherited by whatever it starts. */
    String MARK = "KOSHI_CHILD";

    /** Why no program can be started here, for a person; empty when all that is needed is there. */
    Optional<String> unavailable();

    /**
     * Starts a program, without a shell.
     *
     * @throws KoshiException SERVICE_UNAVAILABLE as {@link #unavailable} says, NOT_FOUND when there is no such program,
     *     OVERLOADED when too many run
     */
    Child start(Launch launch) throws IOException;

    /**
     * What to start.
     *
     * @param what for people: {@code exec git}, {@code mcp docs}
     * @param argv the program, looked up in PATH, and its arguments
     * @param directory where it starts
     * @param environment set in it besides what every child has; wins over that
     */
    record Launch(String what, List<String> argv, Path directory, Map<String, String> environment, Limits limits) {
        public Launch {
            Objects.requireNonNull(what, "what");
            argv = List.copyOf(argv);
            environment = Map.copyOf(environment);
            if (argv.isEmpty() || argv.get(0).isBlank()) {
                throw KoshiException.invalid("/argv", "name a program");
            }
        }
    }

    /**
     * What the kernel holds each of its processes to (prlimit(1)); empty for the hub's own limits.
     *
     * @param memoryBytes data it may write to: heap and stack of the program, not the code it maps (RLIMIT_DATA)
     * @param cpuSeconds processor time
     * @param fileBytes the largest file it may write
     * @param openFiles how many files it may hold open
     */
    record Limits(OptionalLong memoryBytes, OptionalLong cpuSeconds, OptionalLong fileBytes, OptionalLong openFiles) {
        public static final Limits NONE =
                new Limits(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());

        /** Only the memory is limited. */
        public static Limits memory(long bytes) {
            return new Limits(OptionalLong.of(bytes), NONE.cpuSeconds, NONE.fileBytes, NONE.openFiles);
        }
    }
}
