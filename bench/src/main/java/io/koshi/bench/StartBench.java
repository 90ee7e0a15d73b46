package io.koshi.bench;

import io.koshi.itests.Daemon;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * From the start of the process to hub.health ready on HTTP and on the socket, with a warm class archive, and what is
 * resident then; the profiles in turn, so that all see the same machine. Then the whole process of koshi status.
 */
final class StartBench implements Bench.Story {
    private static final int RUNS = 9;
    private static final String CONFIG = "http: { port: 0 }\n";

    private record Profile(String name, List<String> arguments, List<Double> seconds, List<Double> mebibytes) {}

    @Override
    public void run(Path scratch) throws Exception {
        List<Profile> profiles = new ArrayList<>();
        profiles.add(new Profile("default (all JIT tiers)", List.of(), new ArrayList<>(), new ArrayList<>()));
        profiles.add(new Profile("--small", List.of("--small"), new ArrayList<>(), new ArrayList<>()));
        profiles.add(new Profile("--isolated", List.of("--isolated"), new ArrayList<>(), new ArrayList<>()));
        for (int run = -2; run < RUNS; run++) {
            for (int p = 0; p < profiles.size(); p++) {
                Profile profile = profiles.get(p);
                int port = freePort();
                Daemon daemon = Daemon.in(scratch.resolve("home" + p)).config("http: { port: " + port + " }\n");
                profile.arguments().forEach(daemon::argument);
                long begin = System.nanoTime();
                try (daemon) {
                    daemon.launch();
                    while (!readyOnHttp(port)) {
                        TimeUnit.MILLISECONDS.sleep(2); // who asks without a pause takes a core from the start
                    }
                    if (!daemon.call("hub.health", Map.of()).path("ready").asBoolean()) {
                        throw new IllegalStateException("ready on HTTP and not on the socket");
                    }
                    double seconds = (System.nanoTime() - begin) / 1e9;
                    if (run >= 0) { // the first two make the archive and warm the file cache
                        profile.seconds().add(seconds);
                        profile.mebibytes().add(resident(daemon.pid()) / 1024.0);
                    }
                    daemon.stop();
                }
            }
        }
        Table table = new Table(
                "Start: process start to ready on socket and HTTP, warm archive, " + RUNS + " runs in turn",
                "profile",
                "s median",
                "s min",
                "s max",
                "resident MiB median");
        for (Profile profile : profiles) {
            Collections.sort(profile.seconds());
            table.row(
                    profile.name(),
                    median(profile.seconds()),
                    profile.seconds().get(0),
                    profile.seconds().get(profile.seconds().size() - 1),
                    median(profile.mebibytes()));
        }
        table.print(System.out);
        status(scratch.resolve("home0"));
    }

    private static int freePort() throws IOException {
        try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return any.getLocalPort();
        }
    }

    private static boolean readyOnHttp(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write("GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII).endsWith("200");
        } catch (SocketException notYet) { // nobody listens, or the hub has just tried whether it can
            return false;
        }
    }

    private static void status(Path home) throws Exception {
        try (Daemon daemon = Daemon.in(home).config(CONFIG).start()) {
            List<Double> seconds = new ArrayList<>();
            for (int run = -3; run < 15; run++) {
                long begin = System.nanoTime();
                Process status = new ProcessBuilder(
                                Path.of(System.getProperty("koshi.dist"), "bin", "koshi")
                                        .toString(),
                                "status",
                                "--home",
                                home.toString())
                        .redirectErrorStream(true)
                        .start();
                String output = new String(status.getInputStream().readAllBytes());
                if (!status.waitFor(10, TimeUnit.SECONDS) || status.exitValue() != 0) {
                    throw new IllegalStateException(output);
                }
                if (run >= 0) {
                    seconds.add((System.nanoTime() - begin) / 1e9);
                }
            }
            Collections.sort(seconds);
            new Table("koshi status, whole process, 15 runs", "s median", "s min", "s max")
                    .row(median(seconds), seconds.get(0), seconds.get(seconds.size() - 1))
                    .print(System.out);
        }
    }

    static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }

    /** KiB resident, as the kernel says. */
    static long resident(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(0);
    }
}
