package io.koshi.service.exec;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Walls around a program, made by others: bubblewrap (bwrap(1)), or a process namespace of util-linux (unshare(1)).
 *
 * @param hidden directories a program has no business in: the hub's own
 */
record Sandbox(Kind kind, boolean network, List<Path> hidden) {
    /** From none to most. */
    enum Kind {
        /** Only what the hub does for every child. */
        NONE,
        /** It sees no process but its own, and nothing of it outlives it. */
        NAMESPACE,
        /** The same, and it can write nowhere but in the workspace. */
        BUBBLEWRAP
    }

    /** What is asked for, or the most there is. */
    static Kind kind(String asked, Probe probe) {
        return switch (asked.toLowerCase(Locale.ROOT)) {
            case "none" -> Kind.NONE;
            case "bubblewrap" -> Kind.BUBBLEWRAP;
            case "namespace" -> Kind.NAMESPACE;
            case "auto", "" ->
                probe.works(Kind.BUBBLEWRAP)
                        ? Kind.BUBBLEWRAP
                        : probe.works(Kind.NAMESPACE) ? Kind.NAMESPACE : Kind.NONE;
            default -> throw KoshiException.invalid("/sandbox", "is auto, bubblewrap, namespace or none");
        };
    }

    /** Finds out whether a kind works on this machine. */
    interface Probe {
        boolean works(Kind kind);
    }

    /**
     * The vector that runs a program behind the walls.
     *
     * @param workspace where it may write
     * @param directory where it starts, in the workspace
     */
    List<String> around(List<String> argv, Path workspace, Path directory) {
        List<String> all = new ArrayList<>();
        switch (kind) {
            case BUBBLEWRAP -> bubblewrap(all, workspace, directory);
            case NAMESPACE -> namespace(all);
            case NONE -> {}
            default -> throw new IllegalStateException(kind.name());
        }
        all.addAll(argv);
        return all;
    }

    private void bubblewrap(List<String> all, Path workspace, Path directory) {
        all.addAll(List.of("bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"));
        if (network) {
            all.add("--share-net");
        }
        all.addAll(List.of("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"));
        for (Path own : List.of(Path.of("/run/user"), Path.of("/var/tmp"))) {
            mask(all, own);
        }
        List<Path> masked = hidden.stream()
                .filter(own -> hidden.stream().noneMatch(other -> !own.equals(other) && own.startsWith(other)))
                .distinct()
                .toList();
        masked.forEach(own -> mask(all, own));
        all.addAll(List.of("--bind", workspace.toString(), workspace.toString()));
        masked.stream().filter(Files::isDirectory).forEach(own -> all.addAll(List.of("--remount-ro", own.toString())));
        all.addAll(List.of("--chdir", directory.toString(), "--"));
    }

    private static void mask(List<String> all, Path own) {
        if (Files.isDirectory(own)) {
            all.addAll(List.of("--tmpfs", own.toString()));
        }
    }

    private void namespace(List<String> all) {
        all.add("unshare");
        if (!isRoot()) {
            all.addAll(List.of("--user", "--map-current-user"));
        }
        all.addAll(List.of("--pid", "--fork", "--kill-child=KILL", "--mount-proc", "--ipc"));
        if (!network) {
            all.add("--net");
        }
        all.add("--");
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** Why a program cannot be run as is asked; empty when it can. */
    static Optional<KoshiException> missing(Kind kind, Probe probe) {
        if (kind == Kind.NONE || probe.works(kind)) {
            return Optional.empty();
        }
        return Optional.of(new KoshiException(
                ErrorCode.SERVICE_UNAVAILABLE,
                kind == Kind.BUBBLEWRAP
                        ? "bubblewrap does not work here: install it, or allow it user namespaces, or set sandbox: auto"
                        : "process namespaces do not work here: allow them, or set sandbox: auto"));
    }
}
