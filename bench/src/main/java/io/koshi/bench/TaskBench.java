package io.koshi.bench;

import io.koshi.itests.Daemon;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import org.sqlite.SQLiteDataSource;

/**
 * Tasks through the swarm door: enqueue, lease and ack on 1, 4 and 16 connections, beside Redis with
 * {@code appendfsync always} doing the same with LPUSH, LMOVE and LREM in the same run; then with a million finished
 * tasks, and leases out of a million queued ones. Needs redis-server.
 */
final class TaskBench implements Bench.Story {
    private static final int SECONDS = Integer.getInteger("koshi.bench.seconds", 4);
    private static final int ROUNDS = Integer.getInteger("koshi.bench.rounds", 3);
    private static final int MILLION = Integer.getInteger("koshi.bench.tasks", 1_000_000);

    /** One worker's connection; a cycle is an enqueue, a lease and an ack. */
    private interface Cycler extends AutoCloseable {
        void cycle() throws IOException;

        @Override
        void close() throws IOException;
    }

    private interface Opener {
        Cycler open(int worker) throws IOException;
    }

    private record Figures(double perSecond, double p50, double p99) {
        static Figures median(List<Figures> rounds) {
            return rounds.stream()
                    .sorted((a, b) -> Double.compare(a.perSecond(), b.perSecond()))
                    .toList()
                    .get(rounds.size() / 2);
        }
    }

    @Override
    public void run(Path scratch) throws Exception {
        int port = free();
        Process redis = redis(scratch, port);
        int door = free();
        Path home = scratch.resolve("home");
        try (Daemon daemon = Daemon.in(home)
                .config("http: { port: 0 }\ndoors: { swarm: { port: " + door + " } }\n")
                .start()) {
            Opener koshi = worker -> new Swarm(door, worker);
            Opener other = worker -> new Redis(port, worker);
            measure(koshi, 16, 2 * SECONDS); // warms up
            measure(other, 16, 1);
            Table table = new Table(
                    "Tasks: enqueue, lease, ack through the swarm door; Redis "
                            + "with appendfsync always in the same run",
                    "connections",
                    "koshi cycles/s",
                    "p50 ms",
                    "p99 ms",
                    "redis cycles/s",
                    "p99 ms",
                    "koshi / redis");
            for (int connections : new int[] {1, 4, 16}) {
                List<Figures> ours = new ArrayList<>();
                List<Figures> theirs = new ArrayList<>();
                for (int round = 0; round < ROUNDS; round++) {
                    ours.add(measure(koshi, connections, SECONDS));
                    theirs.add(measure(other, connections, SECONDS));
                }
                Figures a = Figures.median(ours);
                Figures b = Figures.median(theirs);
                table.row(
                        connections,
                        a.perSecond(),
                        a.p50(),
                        a.p99(),
                        b.perSecond(),
                        b.p99(),
                        a.perSecond() / b.perSecond());
            }
            table.print(System.out);
            redis.destroy();
            daemon.stop();
            fill(home, "done", MILLION);
            daemon.restart();
            measure(koshi, 16, 2 * SECONDS);
            Table much =
                    new Table("The same beside " + MILLION + " finished tasks", "connections", "cycles/s", "p99 ms");
            for (int connections : new int[] {1, 4, 16}) {
                Figures figures = measure(koshi, connections, SECONDS);
                much.row(connections, figures.perSecond(), figures.p99());
            }
            much.print(System.out);
            daemon.stop();
            fill(home, "queued", MILLION);
            daemon.restart();
            leases(door);
        } finally {
            redis.destroyForcibly();
        }
    }

    private static void leases(int door) throws Exception {
        try (Swarm swarm = new Swarm(door, 1)) {
            int count = Math.min(20_000, MILLION / 2);
            double[] millis = new double[count];
            for (int i = 0; i < 2 * count; i++) {
                long begin = System.nanoTime();
                swarm.lease();
                if (i >= count) {
                    millis[i - count] = (System.nanoTime() - begin) / 1e6;
                }
            }
            Arrays.sort(millis);
            new Table("The next lease with " + MILLION + " queued", "p50 ms", "p99 ms", "worst ms")
                    .row(millis[count / 2], millis[(int) (count * 0.99)], millis[count - 1])
                    .print(System.out);
        }
    }

    private static Figures measure(Opener opener, int connections, int seconds) throws Exception {
        CyclicBarrier begin = new CyclicBarrier(connections);
        List<List<Long>> all = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        List<Exception> failures = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            List<Long> nanos = new ArrayList<>(1 << 16);
            all.add(nanos);
            int worker = i;
            threads.add(new Thread(() -> {
                try (Cycler cycler = opener.open(worker)) {
                    begin.await();
                    long end = System.nanoTime() + seconds * 1_000_000_000L;
                    for (long now = System.nanoTime(); now < end; ) {
                        cycler.cycle();
                        long after = System.nanoTime();
                        nanos.add(after - now);
                        now = after;
                    }
                } catch (Exception e) {
                    synchronized (failures) {
                        failures.add(e);
                    }
                    begin.reset();
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            throw failures.get(0);
        }
        long[] sorted = all.stream()
                .flatMap(List::stream)
                .mapToLong(Long::longValue)
                .sorted()
                .toArray();
        return new Figures(
                sorted.length / (double) seconds,
                sorted[sorted.length / 2] / 1e6,
                sorted[(int) (sorted.length * 0.99)] / 1e6);
    }

    /** Writes tasks that are there already, as the room itself would have. */
    private static void fill(Path home, String status, int count) throws Exception {
        SQLiteDataSource source = new SQLiteDataSource();
        source.setUrl("jdbc:sqlite:" + home.resolve("data/koshi.db"));
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            long first = statement
                    .executeQuery("SELECT COALESCE(MAX(n), 0) + 1 FROM task")
                    .getLong(1);
            boolean done = status.equals("done");
            try (PreparedStatement task = connection.prepareStatement("INSERT INTO task (n, id, status, type, priority,"
                            + " auto_run, max_attempts, attempts, created_at, updated_at)"
                            + " VALUES (?, ?, ?, 'chat', 100, 0, 3, ?, 1, 1)");
                    PreparedStatement body =
                            connection.prepareStatement("INSERT INTO task_body (task, prompt) VALUES (?, 'fill')");
                    PreparedStatement attempt = connection.prepareStatement(
                            "INSERT INTO task_attempt (task, n, worker, leased_at, ended_at, status, result)"
                                    + " VALUES (?, 1, 'w', 1, 1, 'done', 'ok')")) {
                for (long n = first; n < first + count; n++) {
                    task.setLong(1, n);
                    task.setString(2, String.format("%s%020d", done ? "0FILLD" : "0FILLQ", n));
                    task.setString(3, status);
                    task.setInt(4, done ? 1 : 0);
                    task.executeUpdate();
                    body.setLong(1, n);
                    body.executeUpdate();
                    if (done) {
                        attempt.setLong(1, n);
                        attempt.executeUpdate();
                    }
                }
            }
            connection.commit();
        }
    }

    private static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress("127.0.0.1", 0));
            return socket.getLocalPort();
        }
    }

    private static Process redis(Path scratch, int port) throws Exception {
        Process process = new ProcessBuilder(
                        "redis-server",
                        "--port",
                        "" + port,
                        "--bind",
                        "127.0.0.1",
                        "--dir",
                        scratch.toString(),
                        "--save",
                        "",
                        "--appendonly",
                        "yes",
                        "--appendfsync",
                        "always")
                .redirectErrorStream(true)
                .redirectOutput(scratch.resolve("redis.log").toFile())
                .start();
        for (int tries = 0; ; tries++) {
            try (Socket socket = new Socket("127.0.0.1", port)) {
                return process;
            } catch (IOException notYet) {
                if (tries > 100) {
                    throw new IOException(
                            "redis-server does not start:\n" + Files.readString(scratch.resolve("redis.log")));
                }
                Thread.sleep(50);
            }
        }
    }

    /** A connection that knows as much of the other side's form as it must. */
    private abstract static class Lines implements Cycler {
        private final Socket socket;
        private final InputStream in;
        private final byte[] line = new byte[1 << 16];

        Lines(int port) throws IOException {
            socket = new Socket("127.0.0.1", port);
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
        }

        String ask(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
            return line();
        }

        String line() throws IOException {
            int length = 0;
            for (int b = in.read(); b != '\n'; b = in.read()) {
                if (b < 0) {
                    throw new IOException("closed");
                }
                line[length++] = (byte) b;
            }
            return new String(line, 0, length, StandardCharsets.US_ASCII);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static final class Swarm extends Lines {
        private final int worker;

        Swarm(int port, int worker) throws IOException {
            super(port);
            this.worker = worker;
        }

        @Override
        public void cycle() throws IOException {
            checked(ask(
                    "{\"id\":1,\"method\":\"enqueue\",\"params\":{\"prompt\":\"say something\",\"type\":\"chat\"}}\n"));
            long task = lease();
            checked(ask("{\"id\":3,\"method\":\"ack\",\"params\":{\"task_id\":" + task
                    + ",\"status\":\"done\",\"result\":\"something\"}}\n"));
        }

        long lease() throws IOException {
            String leased = checked(ask("{\"id\":2,\"method\":\"lease\",\"params\":{\"worker_id\":\"w" + worker
                    + "\",\"max_tasks\":1}}\n"));
            int at = leased.indexOf("\"task_id\":");
            if (at < 0) {
                throw new IOException("nothing to lease: " + leased);
            }
            return Long.parseLong(leased.substring(at + 10, leased.indexOf(',', at)));
        }

        private static String checked(String answer) throws IOException {
            if (!answer.contains("\"error\":null")) {
                throw new IOException(answer);
            }
            return answer;
        }
    }

    private static final class Redis extends Lines {
        private final int worker;
        private long count;

        Redis(int port, int worker) throws IOException {
            super(port);
            this.worker = worker;
        }

        @Override
        public void cycle() throws IOException {
            String task = "{\"id\":\"" + worker + "-" + count++ + "\",\"prompt\":\"say something\",\"type\":\"chat\"}";
            checked(ask(command("LPUSH", "queue", task)));
            checked(ask(command("LMOVE", "queue", "leased", "RIGHT", "LEFT")));
            String taken = line().strip();
            checked(ask(command("LREM", "leased", "1", taken)));
        }

        private static String command(String... words) {
            StringBuilder command = new StringBuilder("*" + words.length + "\r\n");
            for (String word : words) {
                command.append('$')
                        .append(word.length())
                        .append("\r\n")
                        .append(word)
                        .append("\r\n");
            }
            return command.toString();
        }

        private static void checked(String answer) throws IOException {
            if (answer.startsWith("-") || answer.startsWith("$-1")) {
                throw new IOException(answer);
            }
        }
    }
}
