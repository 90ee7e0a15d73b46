package io.koshi.config.internal;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.koshi.api.Loop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashSet;
import java.util.Set;

/**
 * Runs an action when one of some files has changed and then been left alone for a moment. Directories are watched, for
 * many editors replace a file by renaming another over it; of a file that is a symbolic link what it leads to is watched
 * too, and each link on the way, which a configuration that is rolled out (Kubernetes) exchanges. Confined to the thread that runs it.
 *
 * @param quiet how long, in ms, no further change may come before the action runs
 */
record FileWatch(Set<Path> files, int quiet, Runnable action) implements Loop.Body {
    private static final int MOST_LINKS = 40;

    @Override
    public void run() throws IOException, InterruptedException {
        while (true) {
            watch(followed());
        }
    }

    /** Returns when the files lie elsewhere than they did. */
    private void watch(Set<Path> places) throws IOException, InterruptedException {
        try (WatchService watcher = files.iterator().next().getFileSystem().newWatchService()) {
            Set<Path> directories = new HashSet<>();
            places.forEach(place -> directories.add(place.getParent()));
            for (Path directory : directories) {
                directory.register(watcher, ENTRY_CREATE, ENTRY_MODIFY, ENTRY_DELETE);
            }
            action.run(); // a change may have come before the watch began
            while (followed().equals(places)) {
                boolean ours = matters(watcher.take(), places);
                for (WatchKey more = watcher.poll(quiet, MILLISECONDS);
                        more != null;
                        more = watcher.poll(quiet, MILLISECONDS)) {
                    ours |= matters(more, places);
                }
                if (ours) {
                    action.run();
                }
            }
        }
    }

    /** The files and, where they are symbolic links, every link on the way and what they lead to. */
    private Set<Path> followed() throws IOException {
        Set<Path> places = new HashSet<>(files);
        for (Path file : files) {
            if (Files.isSymbolicLink(file)) {
                follow(file.getParent().resolve(Files.readSymbolicLink(file)), places, MOST_LINKS);
            }
        }
        places.removeIf(place -> !files.contains(place) && !Files.isDirectory(place.getParent()));
        return places;
    }

    private static void follow(Path path, Set<Path> places, int left) throws IOException {
        Path at = path.getRoot();
        for (int i = 0; i < path.getNameCount(); i++) {
            Path next = at.resolve(path.getName(i)).normalize(); // nothing before it is a link
            if (Files.isSymbolicLink(next)) {
                places.add(next);
                Path target = at.resolve(Files.readSymbolicLink(next));
                if (left > 0) {
                    follow(
                            i + 1 < path.getNameCount()
                                    ? target.resolve(path.subpath(i + 1, path.getNameCount()))
                                    : target,
                            places,
                            left - 1);
                }
                return;
            }
            at = next;
        }
        if (at.getParent() != null) {
            places.add(at);
        }
    }

    private boolean matters(WatchKey key, Set<Path> places) throws IOException {
        Path directory = (Path) key.watchable();
        boolean ours = false;
        for (WatchEvent<?> event : key.pollEvents()) {
            ours |= !(event.context() instanceof Path name) || places.contains(directory.resolve(name));
        }
        if (!key.reset()) {
            throw new IOException("The directory " + directory + " is gone");
        }
        return ours;
    }
}
