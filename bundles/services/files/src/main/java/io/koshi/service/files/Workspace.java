package io.koshi.service.files;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Says which paths an agent may name; what really lies there is looked at by {@link Folder}. Immutable. */
final class Workspace {
    private final List<Path> extra;
    private final List<Path> hub;
    private final List<PathMatcher> denied;
    private final int maxBytes;
    private final Trust trust;

    Workspace(FilesSettings settings, Map<String, Object> properties) {
        this.extra = Arrays.stream(settings.extra()).map(Workspace::absolute).toList();
        this.hub = List.of("koshi.home", "koshi.data").stream()
                .map(properties::get)
                .filter(String.class::isInstance)
                .map(path -> real(Path.of((String) path)))
                .toList();
        this.denied = Arrays.stream(settings.deny()).map(Workspace::glob).toList();
        if (settings.maxKB() < 1 || settings.maxKB() > 100 * 1024) {
            throw KoshiException.invalid("/maxKB", "is from 1 to 102400");
        }
        this.maxBytes = settings.maxKB() * 1024;
        try {
            this.trust = Trust.valueOf(settings.trust().toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw KoshiException.invalid("/trust", "is high, medium or low");
        }
    }

    private static Path absolute(String path) {
        Path given = Path.of(path);
        if (!given.isAbsolute()) {
            throw KoshiException.invalid("/extra", "takes absolute directories, not '" + path + "'");
        }
        return given.normalize();
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException notThere) {
            return path.toAbsolutePath().normalize();
        }
    }

    private static PathMatcher glob(String pattern) {
        try {
            return FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        } catch (IllegalArgumentException e) {
            throw KoshiException.invalid("/deny", "'" + pattern + "' is no glob: " + e.getMessage());
        }
    }

    /**
     * A place that may be named.
     *
     * @param root the directory it must not leave, with every link in its own path resolved
     * @param relative to the root, normalized; empty for the root itself
     * @param home whether the root is the workspace, not a directory of {@code extra}
     */
    record Place(Path root, Path relative, boolean home) {
        Path absolute() {
            return root.resolve(relative);
        }

        /** As an agent names it. */
        String shown() {
            String path = home ? relative.toString() : absolute().toString();
            return path.isEmpty() ? "." : path;
        }

        boolean isRoot() {
            return relative.toString().isEmpty();
        }
    }

    int maxBytes() {
        return maxBytes;
    }

    Trust trust() {
        return trust;
    }

    /**
     * Where a path of an agent's leads, as far as its text says.
     *
     * @throws KoshiException FORBIDDEN when it leaves the workspace and {@code extra}, is denied, or is the hub's own
     */
    Place place(Path workspace, String path) {
        Path given;
        try {
            given = Path.of(path.isBlank() ? "." : path.strip());
        } catch (InvalidPathException e) {
            throw KoshiException.invalid("/path", "is no path: " + e.getReason());
        }
        Path whole = workspace.toAbsolutePath().normalize().resolve(given).normalize();
        Place place = inside(workspace.toAbsolutePath().normalize(), whole, true);
        for (Path root : extra) {
            place = place == null ? inside(root, whole, false) : place;
        }
        if (place == null) {
            throw forbidden(path, "is outside the workspace; the setting files.extra names more directories");
        }
        if (isHubs(place)) {
            throw forbidden(path, "is the hub's own and no tool's");
        }
        Path relative = place.relative();
        for (PathMatcher matcher : denied) {
            if (matcher.matches(relative) || matcher.matches(Path.of("/").resolve(relative))) {
                throw forbidden(path, "is denied by the setting files.deny");
            }
        }
        return place;
    }

    /** By where it really is: an extra directory may be a link to the hub's home. */
    private boolean isHubs(Place place) {
        return !place.home() && hub.stream().anyMatch(own -> place.absolute().startsWith(own));
    }

    private static Place inside(Path root, Path whole, boolean home) {
        if (!whole.startsWith(root)) {
            return null;
        }
        try {
            return new Place(root.toRealPath(), root.relativize(whole), home);
        } catch (IOException e) {
            throw KoshiException.notFound("there is no directory " + root);
        }
    }

    private static KoshiException forbidden(String path, String why) {
        return new KoshiException(ErrorCode.FORBIDDEN, "'" + path + "' " + why);
    }
}
