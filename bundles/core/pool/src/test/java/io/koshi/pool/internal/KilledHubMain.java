package io.koshi.pool.internal;

import io.koshi.api.Child;
import io.koshi.api.Children.Launch;
import io.koshi.api.Children.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A hub that starts a program with offspring, says their pids and waits to be killed. */
final class KilledHubMain {
    private KilledHubMain() {}

    public static void main(String[] args) throws IOException {
        Path data = Path.of(args[0]);
        Nursery nursery = new Nursery(data, new Threads(), System.getenv());
        Child child = nursery.start(
                new Launch(
                        "test",
                        List.of(
                                "sh",
                                "-c",
                                "echo $$; sleep 1000 & echo $!; setsid sleep 1000 & echo $!;"
                                        + " (sleep 1000 & echo $!); echo end; wait"),
                        data,
                        Map.of(),
                        Limits.NONE),
                gone -> {});
        child.out().transferTo(System.out);
    }
}
