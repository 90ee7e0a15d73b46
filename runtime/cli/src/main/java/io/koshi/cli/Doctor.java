package io.koshi.cli;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code koshi doctor}: looks at what a hub needs and says what to do; {@code --fix} does what is safe. */
final class Doctor {
    /** Of a hub without a configuration file. */
    private static final String DEFAULT_ADDRESS = "127.0.0.1 3000";

    private static final int OLDEST_JAVA = 17;
    private static final long LEAST_DISK = 200L << 20;

    private final Invocation call;
    private final boolean fix;
    private final List<Map<String, Object>> findings = new ArrayList<>();

    private Doctor(Invocation call, boolean fix) {
        this.call = call;
        this.fix = fix;
    }

    static int run(Words words, Invocation call) throws IOException, InterruptedException {
        boolean fix = words.flag("--fix");
        words.done();
        Doctor doctor = new Doctor(call, fix);
        doctor.java();
        doctor.home();
        doctor.secrets();
        doctor.disk();
        doctor.programs();
        doctor.daemon();
        doctor.archive();
        return doctor.report();
    }

    private void java() {
        int version = Runtime.version().feature();
        if (version < OLDEST_JAVA) {
            bad(
                    "java",
                    "Java " + version + " is too old; install Java " + OLDEST_JAVA + " or later and set JAVA_HOME.");
        } else {
            good("java", "Java " + Runtime.version());
        }
    }

    private void home() throws IOException {
        Path home = call.place().home();
        if (!Files.exists(home)) {
            Path above = existing(home);
            if (Files.isDirectory(above) && Files.isWritable(above)) {
                good("home", home + " is not there yet; the first start makes it");
            } else {
                bad("home", home + " cannot be made in " + above + "; name another with --home DIR.");
            }
            return;
        }
        if (!Files.isDirectory(home) || !Files.isWritable(home)) {
            bad("home", home + " cannot be written; make it your own, or name another with --home DIR.");
            return;
        }
        Path data = home.resolve("data");
        if (Files.exists(data) && !Files.isWritable(data)) {
            bad("data", data + " cannot be written; make it your own, or name another with 'data:' in koshi.yaml.");
        }
        mode("home", home, "rwx------");
    }

    /** What of a path is there. */
    private static Path existing(Path path) {
        Path at = path;
        while (!Files.exists(at)) {
            at = at.getParent();
        }
        return at;
    }

    private void secrets() throws IOException {
        for (String name : List.of("secrets.yaml", "token")) {
            Path file = call.place().home().resolve(name);
            if (Files.exists(file)) {
                mode(name, file, "rw-------");
            }
        }
    }

    private void mode(String name, Path file, String wanted) throws IOException {
        Set<PosixFilePermission> most = PosixFilePermissions.fromString(wanted);
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
        if (most.containsAll(mode)) {
            good(name, file + " is yours alone");
        } else if (fix) {
            Files.setPosixFilePermissions(file, most);
            good(name, file + " was open to others and is closed now");
        } else {
            bad(
                    name,
                    file + " is open to others (" + PosixFilePermissions.toString(mode)
                            + "); 'koshi doctor --fix' closes it.");
        }
    }

    private void disk() throws IOException {
        Path at = existing(call.place().home());
        FileStore store = Files.getFileStore(at);
        long free = store.getUsableSpace();
        if (free < LEAST_DISK) {
            bad(
                    "disk",
                    "Only " + Figures.bytes(free) + " are free where " + at
                            + " is; free some, or the hub takes in less.");
        } else {
            good("disk", Figures.bytes(free) + " free");
        }
    }

    /** What holds the programs that tools start. */
    private void programs() {
        List<String> missing = Stream.of("setsid", "setpriv", "prlimit")
                .filter(tool -> Daemon.onPath(call, tool).isEmpty())
                .toList();
        if (!missing.isEmpty()) {
            bad(
                    "programs",
                    String.join(", ", missing) + " is missing, so exec, command models and MCP servers start nothing;"
                            + " install util-linux 2.33 or newer.");
        } else if (works("bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "true")) {
            good("programs", "what tools start is held, walled in and ended with the hub");
        } else if (works("unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child=KILL", "true")) {
            good("programs", "what tools start is held and ended with the hub; bubblewrap would wall it in too");
        } else {
            good(
                    "programs",
                    "what tools start is held and ended with the hub, but for this: neither bubblewrap nor process"
                            + " namespaces work here, so a program that clears its environment and leaves its session"
                            + " outlives a SIGKILL of the hub; install bubblewrap, or allow user namespaces");
        }
    }

    /** Whether a program ends well, within moments. */
    private boolean works(String program, String... arguments) {
        Optional<String> found = Daemon.onPath(call, program);
        if (found.isEmpty()) {
            return false;
        }
        List<String> line = new ArrayList<>(List.of(found.get()));
        line.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(line)
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                return process.waitFor(5, TimeUnit.SECONDS) && process.exitValue() == 0;
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void daemon() throws IOException, InterruptedException {
        Optional<Link> link = Link.open(call.place().socket(), call.run());
        if (link.isPresent()) {
            try (Link open = link.get()) {
                health(open.ask("hub.health", Map.of(), 5000));
                config(open.ask("hub.status", Map.of(), 5000));
                memories(open);
            } catch (IOException | Failure e) {
                bad(
                        "daemon",
                        "The hub listens but does not answer (" + e.getMessage()
                                + "); look into 'koshi logs', then 'koshi restart'.");
            }
            return;
        }
        Path pid = call.place().pidFile();
        Optional<ProcessHandle> process = call.place().daemon();
        if (process.isPresent()) {
            bad(
                    "daemon",
                    "The hub (pid " + process.get().pid()
                            + ") runs but does not listen on its socket; look into 'koshi logs'.");
            return;
        }
        if (Files.exists(pid)) {
            stale(pid);
        } else {
            good("daemon", "not running; 'koshi start' starts it");
        }
        damage();
        lastWords();
        configAndPort();
    }

    private void stale(Path pid) throws IOException {
        if (fix) {
            Files.deleteIfExists(call.place().socket());
            Files.deleteIfExists(pid);
            good("daemon", "a hub died without tidying up; its koshi.pid and socket are removed");
        } else {
            bad(
                    "daemon",
                    pid + " is left of a hub that died; 'koshi start' takes it over, 'koshi doctor --fix' removes it.");
        }
    }

    private void health(Map<?, ?> health) {
        if ("healthy".equals(health.get("status"))) {
            good("daemon", "running and healthy");
        }
        if (health.get("parts") instanceof List<?> parts) {
            for (Object each : parts) {
                Map<?, ?> part = (Map<?, ?>) each;
                if (!"healthy".equals(part.get("status"))) {
                    bad(String.valueOf(part.get("name")), part.get("status") + ": " + part.get("message"));
                } else if (part.get("data") instanceof Map<?, ?> data && data.get("soundness") != null) {
                    database(data);
                }
            }
        }
        if (health.get("waiting") instanceof List<?> waiting && !waiting.isEmpty()) {
            bad("ready", "the hub waits for " + Ask.join(waiting));
        }
    }

    private void database(Map<?, ?> data) {
        Object when = data.get("lookedAt");
        good("database", data.get("soundness") + (when == null ? "; a look comes by itself" : ", looked at " + when));
    }

    /** What the last start said before it had a log; nothing, where it came up. */
    private void lastWords() throws IOException {
        Path words = call.place().log().resolveSibling("start-error");
        if (Files.isReadable(words)) {
            Daemon.words(words)
                    .ifPresent(said -> bad("start", "the last one said: " + said + " ('koshi start' tries again)"));
        }
    }

    /** What a hub that is gone had found. */
    private void damage() throws IOException {
        Path note = call.place().home().resolve("data").resolve("koshi.db-damaged");
        if (Files.isReadable(note)) {
            bad("database", Files.readAllLines(note).get(0));
        }
    }

    private void config(Map<?, ?> status) {
        if (status.get("config") instanceof Map<?, ?> config) {
            if (Boolean.TRUE.equals(config.get("lastGood"))) {
                bad("config", config.get("file") + " is bad, so the last good one serves; see 'koshi config check'.");
            } else {
                good("config", config.get("file") + " holds");
            }
        }
    }

    /** Whether a search by words knows every memory. */
    private void memories(Link link) throws IOException {
        Map<?, ?> stats;
        try {
            stats = link.ask("memory.stats", Map.of(), 5000);
        } catch (Failure noMemories) {
            return; // the room is not installed, or its health has said why
        }
        long unindexed = apart(stats, "count", "indexed") + apart(stats, "archived", "archivedIndexed");
        if (unindexed == 0) {
            good("memories", "every memory can be found");
        } else if (fix) {
            link.ask("memory.rebuild", Map.of(), Invocation.LONG_MS);
            good("memories", unindexed + " could not be found by their words; the index is made anew");
        } else {
            bad(
                    "memories",
                    unindexed
                            + " cannot be found by their words; 'koshi doctor --fix' or 'koshi memories rebuild' makes"
                            + " the index anew.");
        }
    }

    private static long apart(Map<?, ?> stats, String there, String found) {
        return stats.get(there) instanceof Number n && stats.get(found) instanceof Number m
                ? Math.abs(n.longValue() - m.longValue())
                : 0;
    }

    /** What the file says is checked without a hub; so is the address it would listen at. */
    private void configAndPort() throws IOException, InterruptedException {
        Path file = call.place().config();
        String address = DEFAULT_ADDRESS;
        if (Files.exists(file)) {
            try {
                address = ConfigFile.askTheChecker(file, call.place(), "--http");
                good("config", file + " is good");
            } catch (Failure faulty) {
                bad("config", faulty.getMessage());
                return;
            }
        }
        String[] hostAndPort = address.split(" ");
        int port = Integer.parseInt(hostAndPort[1]);
        try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getByName(hostAndPort[0]))) {
            good("port", probe.getLocalPort() == port ? port + " is free" : "the system gives one");
        } catch (IOException taken) {
            bad(
                    "port",
                    "the hub cannot listen at " + hostAndPort[0] + ":" + port + " (" + taken.getMessage()
                            + "); end the program that does, or write another http.port into koshi.yaml.");
        }
    }

    private void archive() throws IOException, InterruptedException {
        ClassArchive archive = new ClassArchive(call);
        if (archive.there()) {
            good("archive", "there is a class archive, so starts are quick");
        } else if (!archive.possible()) {
            good("archive", "none, so starts are slow; nothing here may make one");
        } else if (!fix) {
            good(
                    "archive",
                    "none yet; 'koshi doctor --fix' or the next clean stop makes one, and starts are quicker then");
        } else {
            make(archive);
        }
    }

    private void make(ClassArchive archive) throws IOException, InterruptedException {
        try {
            if (archive.make()) {
                good("archive", "made by a start and stop of a hub of its own; starts are quick now");
            } else {
                bad("archive", "a hub of its own left none; 'koshi start' works without, and is slower.");
            }
        } catch (Failure | IOException e) {
            bad("archive", "none could be made (" + e.getMessage() + "); 'koshi start' works without, and is slower.");
        }
    }

    private void good(String what, String words) {
        add(what, true, words);
    }

    private void bad(String what, String words) {
        add(what, false, words);
    }

    private void add(String what, boolean good, String words) {
        Map<String, Object> finding = new LinkedHashMap<>();
        finding.put("check", what);
        finding.put("ok", good);
        finding.put("message", words);
        findings.add(finding);
    }

    private int report() {
        boolean good = findings.stream().allMatch(f -> Boolean.TRUE.equals(f.get("ok")));
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("ok", good);
        report.put("checks", findings);
        if (!call.printed(report)) {
            for (Map<String, Object> each : findings) {
                call.out()
                        .println((Boolean.TRUE.equals(each.get("ok")) ? "ok    " : "WRONG ") + each.get("check") + ": "
                                + each.get("message"));
            }
        }
        return good ? 0 : Failure.FAILED;
    }
}
