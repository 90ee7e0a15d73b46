package io.koshi.service.files;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.service.files.Folder.Item;
import io.koshi.service.files.Workspace.Place;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.Set;

/** Walks a directory to its depths, in order, without following a link and within bounds. Confined to one thread. */
final class Tree {
    private static final int MOST = 200_000;
    private static final int DEEPEST = 64;

    /** Of these an agent wants to know nothing, and they are large. */
    private static final Set<String> SKIPPED = Set.of(".git", ".hg", ".svn", "node_modules");

    private final Workspace workspace;
    private final Path root;
    private int seen;

    Tree(Workspace workspace, Path root) {
        this.workspace = workspace;
        this.root = root;
    }

    /** Is shown what is found. */
    interface Visitor {
        /**
         * @param in where it lies
         * @param path relative to where the walk began
         * @return whether to go on
         */
        boolean visit(Folder in, Item item, Path path) throws InterruptedException;
    }

    /** A matcher of relative paths: {@code *.java} is any depth, {@code src/*.java} is not. */
    static PathMatcher glob(String pattern) {
        if (pattern.isBlank()) {
            return path -> true;
        }
        try {
            PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
            return path -> matcher.matches(pattern.contains("/") ? path : path.getFileName())
                    || pattern.startsWith("**/") && matcher.matches(Path.of(".").resolve(path));
        } catch (IllegalArgumentException e) {
            throw KoshiException.invalid("/glob", "is no glob: " + e.getMessage());
        }
    }

    void walk(Place place, Visitor visitor) throws InterruptedException {
        try (Folder folder = Folder.open(place)) {
            walk(folder, Path.of(""), place, visitor, 0);
        }
    }

    private boolean walk(Folder folder, Path at, Place top, Visitor visitor, int depth) throws InterruptedException {
        for (Item item : folder.items()) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (++seen > MOST) {
                throw new KoshiException(
                        ErrorCode.TOO_LARGE, "there are more than " + MOST + " files; look into a part of them");
            }
            Path path = at.resolve(item.name());
            if (item.name().startsWith(".koshi-") || !may(top, path)) {
                continue;
            }
            if (!visitor.visit(folder, item, path)) {
                return false;
            }
            if (item.attributes().isDirectory() && depth < DEEPEST && !SKIPPED.contains(item.name())) {
                try (Folder below = folder.folder(item.name())) {
                    if (!walk(below, path, top, visitor, depth + 1)) {
                        return false;
                    }
                } catch (KoshiException replacedMeanwhile) {
                    continue;
                }
            }
        }
        return true;
    }

    /** What may not be named is not shown either. */
    private boolean may(Place top, Path path) {
        try {
            workspace.place(
                    root,
                    top.home()
                            ? top.relative().resolve(path).toString()
                            : top.absolute().resolve(path).toString());
            return true;
        } catch (KoshiException forbidden) {
            return false;
        }
    }
}
