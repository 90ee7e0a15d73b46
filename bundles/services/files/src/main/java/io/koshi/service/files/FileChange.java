package io.koshi.service.files;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import io.koshi.service.files.Workspace.Place;
import io.koshi.tool.Tool.Context;
import io.koshi.tool.Tool.Intent;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** What writing tools share: the approval is for exactly this file as it is now. Thread-safe. */
record FileChange(Workspace workspace, Tainted tainted) {
    private static final String NEW = "(a new file)";

    /** The workspace is its own allow list; a directory of {@code extra} is on none. */
    Intent intent(Context context, String path) {
        Place place = place(context, path);
        Map<String, String> bound = Map.of(
                "file",
                place.absolute().toString(),
                "sha256",
                now(place).map(Words::sha256).orElse(NEW));
        return place.home() ? Intent.listed(bound) : Intent.unlisted(bound);
    }

    /** @throws KoshiException FORBIDDEN where git keeps its hooks and settings, which are programs to it */
    Place place(Context context, String path) {
        Place place = workspace.place(context.workspace(), path);
        for (Path name : place.relative()) {
            if (name.toString().equalsIgnoreCase(".git")) {
                throw new KoshiException(
                        ErrorCode.FORBIDDEN, "'" + path + "' is git's own, and git runs what stands there: use git");
            }
        }
        return place;
    }

    /** What is there now. */
    private Optional<byte[]> now(Place place) {
        try (Folder folder = Folder.above(place, false)) {
            return folder.read(name(place), workspace.maxBytes());
        } catch (KoshiException e) {
            if (e.code() == ErrorCode.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Puts the content there; what a tainted run writes, or adds to, is remembered before. */
    void write(Folder folder, Place place, byte[] content, Optional<byte[]> before, Trust trust) {
        boolean low = trust == Trust.LOW
                || before.filter(bytes -> tainted.has(Words.sha256(bytes))).isPresent();
        if (low && content.length > 0) {
            tainted.add(Words.sha256(content));
        }
        folder.replace(name(place), content);
    }

    static String name(Place place) {
        return place.relative().getFileName().toString();
    }
}
