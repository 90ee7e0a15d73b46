package io.koshi.config.internal;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.koshi.api.Loop;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashSet;
import java.util.Set;

/**
 * Runs an action when one of some files has changed and then been left alone for a moment. Directories are watched, for
 * many editors replace a file by renaming another over it. Confined to the thread that runs it.
 *
 * @param quiet how long, in ms, no further change may come before the action runs
 */
record FileWatch(Set<Path> files, int quiet, Runnable action) implements Loop.Body {
    @Override
    public void run() throws IOException, InterruptedException {
        Path any = files.iterator().next();
        try (WatchService watcher = any.getFileSystem().newWatchService()) {
            Set<Path> directories = new HashSet<>();
            files.forEach(file -> directories.add(file.getParent()));
            for (Path directory : directories) {
                directory.register(watcher, ENTRY_CREATE, ENTRY_MODIFY, ENTRY_DELETE);
            }
            action.run(); // a change may have come before the watch began
            while (true) {
                boolean ours = matters(watcher.take());
                for (WatchKey more = watcher.poll(quiet, MILLISECONDS);
                        more != null;
                        more = watcher.poll(quiet, MILLISECONDS)) {
                    ours |= matters(more);
                }
                if (ours) {
                    action.run();
                }
            }
        }
    }

    private boolean matters(WatchKey key) throws IOException {
        Path directory = (Path) key.watchable();
        boolean ours = false;
        for (WatchEvent<?> event : key.pollEvents()) {
            ours |= !(event.context() instanceof Path name) || files.contains(directory.resolve(name));
        }
        if (!key.reset()) {
            throw new IOException("The directory " + directory + " is gone");
        }
        return ours;
    }
}
