package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.koshi.client.HubClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import sun.misc.Signal;

/** {@code koshi worker}: does tasks of a hub on this machine or another until it is told to end. */
final class Crew {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final String CONTEXT = ".koshi/context.md,.kiro/context.md";

    private Crew() {}

    static int run(Words words, Invocation call) throws IOException, InterruptedException {
        call.refuseChildren("worker");
        long count = words.number(1, "--count");
        long leaseSeconds = words.number(60, "--lease");
        Duration limit = Duration.ofSeconds(words.number(3600, "--timeout"));
        Duration drain = Duration.ofSeconds(words.number(30, "--drain"));
        String address = words.option("--hub");
        String tokenFile = words.option("--token-file");
        String name = words.option("--name");
        Workplace workplace = workplace(words);
        boolean trusted = words.flag("--trust-all-tools");
        Wanted wanted = Wanted.of(words, call);
        words.done();
        if (count < 1 || count > 100 || leaseSeconds < 1 || leaseSeconds > 86400) {
            throw Failure.usage("--count is from 1 to 100, --lease from 1 to 86400 seconds.");
        }
        if (wanted.nothing() && !trusted) {
            throw Failure.usage("Say what does the tasks: --model NAME, --command CMD or --trust-all-tools.");
        }
        Means means = wanted.means(trusted ? new Program(List.of(), limit) : null, limit, call);
        String called = name != null
                ? name
                : host() + "-"
                        + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
        ScheduledExecutorService clock =
                Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "koshi-worker-clock"));
        try (HubClient hub = hub(call, address, tokenFile)) {
            List<Hand> hands = new ArrayList<>();
            for (int i = 1; i <= count; i++) {
                hands.add(new Hand(
                        called + "-" + i, hub, means, workplace, Duration.ofSeconds(leaseSeconds), clock, call.err()));
            }
            return serve(hands, drain, call, hub, called);
        } finally {
            clock.shutdownNow();
        }
    }

    private static int serve(List<Hand> hands, Duration drain, Invocation call, HubClient hub, String called)
            throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(hands.size());
        CountDownLatch told = new CountDownLatch(1);
        for (String signal : List.of("TERM", "INT")) {
            Signal.handle(new Signal(signal), number -> told.countDown());
        }
        for (Hand hand : hands) {
            daemon(
                            () -> {
                                try {
                                    hand.run();
                                } finally {
                                    ended.countDown();
                                }
                            },
                            "koshi-worker")
                    .start();
        }
        call.err().println(called + " takes tasks, " + hands.size() + " at a time");
        long lost = System.nanoTime();
        boolean away = false;
        while (!told.await(200, TimeUnit.MILLISECONDS)) {
            if (hub.connected()) {
                lost = System.nanoTime();
            }
            boolean now = System.nanoTime() - lost > PATIENCE_NANOS;
            if (now != away) {
                call.err().println(now ? "the hub cannot be reached; it is tried again" : "the hub is back");
                away = now;
            }
            if (hub.refused() != null) {
                hands.forEach(Hand::stop); // a token that was taken back: what is under way is others' now
                ended.await(15, TimeUnit.SECONDS);
                throw refused(hub);
            }
            if (ended.getCount() == 0) {
                throw refused(hub);
            }
        }
        call.err().println("finishing what is under way, at most " + drain.toSeconds() + " s");
        hands.forEach(Hand::drain);
        long until = System.nanoTime() + drain.toNanos();
        while (!hands.stream().allMatch(Hand::idle)) { // who only waits for a task is not waited for
            if (System.nanoTime() - until > 0) {
                hands.forEach(Hand::stop);
                ended.await(15, TimeUnit.SECONDS);
                break;
            }
            ended.await(50, TimeUnit.MILLISECONDS);
        }
        return 0;
    }

    private static Failure refused(HubClient hub) {
        String why = hub.refused() == null ? "" : ": " + hub.refused().getMessage();
        return Failure.refused("The hub does not let this worker take tasks" + why);
    }

    private static Thread daemon(Runnable body, String name) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Of the kernel where it tells: a machine whose name no server knows may be asked for it for half a minute. */
    private static String host() {
        Path kernel = Path.of("/proc/sys/kernel/hostname");
        try {
            return Files.exists(kernel)
                    ? Files.readString(kernel).strip()
                    : InetAddress.getLocalHost().getHostName();
        } catch (IOException e) {
            return "worker";
        }
    }

    /** A hub elsewhere by WebSocket and token; the one of this home by its socket. */
    private static HubClient hub(Invocation call, String address, String tokenFile) {
        if (address == null) {
            return HubClient.socket(call.place().socket());
        }
        URI at = Addresses.of(address.replaceFirst("^http", "ws"), "The hub's address", "ws", "wss");
        URI gateway = at.getPath() == null || at.getPath().length() < 2 ? at.resolve("/gateway") : at;
        Supplier<String> token = () -> {
            try {
                return tokenFile != null
                        ? Files.readString(Path.of(tokenFile), UTF_8).strip()
                        : call.environment().getOrDefault("KOSHI_TOKEN", "");
            } catch (IOException e) {
                throw Failure.failed("The token cannot be read: " + e.getMessage());
            }
        };
        if (tokenFile == null && token.get().isEmpty()) {
            throw Failure.usage(
                    "Give the hub's token in KOSHI_TOKEN or by --token-file; 'koshi token create' makes one.");
        }
        return HubClient.webSocket(gateway, token);
    }

    private static Workplace workplace(Words words) throws IOException {
        String given = words.option("--workdir");
        String context = words.option("--context");
        boolean isolated = words.flag("--isolated");
        Path directory = Path.of(given == null ? "." : given).toAbsolutePath().normalize();
        Files.createDirectories(directory);
        List<Path> files = new ArrayList<>();
        for (String file : (context == null ? CONTEXT : context).split(",")) {
            files.add(Path.of(file.strip()));
        }
        return new Workplace(directory, isolated, files);
    }
}
