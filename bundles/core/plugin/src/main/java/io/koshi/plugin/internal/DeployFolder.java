package io.koshi.plugin.internal;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.koshi.api.KoshiException;
import io.koshi.api.Loop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows {@code deploy/}: a jar dropped in is added, one taken out is removed, one replaced is updated. A jar is looked at
 * when it has been left alone for a moment; one that is still no whole jar is given more time before it is refused.
 * What was done is remembered in plugins.lock, so changes made while the hub was down count too. Confined to the thread
 * that runs it.
 */
final class DeployFolder implements Loop.Body {
    private static final Logger LOG = LoggerFactory.getLogger(DeployFolder.class);
    private static final int QUIET_MS = 300;
    private static final int PATIENCE_MS = 3000;
    private static final String NO_FILE = "no file";

    private final Path directory;
    private final PluginRoom room;
    private final Trials trials;

    /** Jars that were tried, by what the file looked like; each is tried once. */
    private final Map<Path, String> tried = new HashMap<>();

    DeployFolder(Path directory, PluginRoom room, Trials trials) {
        this.directory = directory;
        this.room = room;
        this.trials = trials;
    }

    @Override
    public void run() throws IOException, InterruptedException {
        try (WatchService watcher = directory.getFileSystem().newWatchService()) {
            directory.register(watcher, ENTRY_CREATE, ENTRY_MODIFY, ENTRY_DELETE);
            boolean whole = sweep(false);
            while (true) {
                WatchKey key = whole ? watcher.take() : watcher.poll(PATIENCE_MS, MILLISECONDS);
                boolean patient = key != null;
                while (key != null) {
                    key.pollEvents();
                    if (!key.reset()) {
                        throw new IOException("The directory " + directory + " is gone");
                    }
                    key = watcher.poll(QUIET_MS, MILLISECONDS);
                }
                whole = sweep(!patient);
            }
        }
    }

    /**
     * Brings the plugins in line with the directory.
     *
     * @param last whether a file that is no whole jar has had its time
     * @return whether every file was whole, or refused
     */
    private boolean sweep(boolean last) throws IOException {
        List<Path> jars = jars();
        Set<String> names = new HashSet<>();
        for (Path jar : jars) {
            if (!look(jar).equals(NO_FILE)) {
                names.add(jar.getFileName().toString());
            }
        }
        boolean whole = true;
        for (LockFile.Line line : room.lock().all()) {
            if (line.deployed().isPresent() && !names.contains(line.deployed().get())) {
                remove(line.name());
            }
        }
        tried.keySet().retainAll(jars);
        for (Path jar : jars) {
            String look = look(jar);
            if (look.equals(tried.get(jar))) {
                continue;
            }
            if (look.equals(NO_FILE)) {
                tried.put(jar, look);
                LOG.warn("{} is not deployed: it is a link or a directory; put the jar itself here", jar.getFileName());
                continue;
            }
            if (!last && !isWhole(jar)) {
                whole = false;
                continue;
            }
            tried.put(jar, look);
            add(jar);
        }
        return whole;
    }

    private List<Path> jars() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(f -> f.getFileName().toString().matches("[^.].*\\.jar"))
                    .sorted()
                    .collect(Collectors.toList());
        }
    }

    /** What tells a file from the one that takes its name; what a link means may change behind it, so none is followed. */
    private static String look(Path jar) throws IOException {
        return Files.isRegularFile(jar, LinkOption.NOFOLLOW_LINKS)
                ? Files.size(jar) + "@" + Files.getLastModifiedTime(jar)
                : NO_FILE;
    }

    /** The directory of a zip is written last. */
    private static boolean isWhole(Path jar) {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            return zip.size() > 0;
        } catch (IOException e) {
            LOG.debug("{} is not whole yet", jar, e);
            return false;
        }
    }

    private void add(Path jar) {
        String origin = "deploy:" + jar.getFileName();
        try {
            String sha256 = PluginJar.sha256(jar);
            Optional<LockFile.Line> same = room.lock().all().stream()
                    .filter(line ->
                            line.origin().equals(origin) && line.sha256().equals(sha256))
                    .findFirst();
            if (same.isEmpty()) {
                add(jar, origin, sha256);
            }
        } catch (KoshiException | IOException refused) {
            LOG.warn("{} is not deployed: {}", jar.getFileName(), refused.getMessage());
        }
    }

    private void add(Path jar, String origin, String sha256) throws IOException {
        if (!trials.begin(sha256)) {
            LOG.error(
                    "{} is not deployed: the hub ended each time it was started; put a sound build in its place",
                    jar.getFileName());
            return;
        }
        try {
            room.add(jar.toString(), Optional.empty(), Map.of(), origin);
        } finally {
            trials.end();
        }
    }

    private void remove(String name) {
        try {
            room.removeAll(name, "deploy");
        } catch (KoshiException refused) {
            LOG.warn("'{}' is not removed: {}", name, refused.getMessage());
        }
    }
}
