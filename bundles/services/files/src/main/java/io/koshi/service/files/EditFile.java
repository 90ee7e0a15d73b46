package io.koshi.service.files;

import static org.osgi.service.component.annotations.ConfigurationPolicy.REQUIRE;

import io.koshi.api.KoshiException;
import io.koshi.model.ToolSpec;
import io.koshi.service.files.Workspace.Place;
import io.koshi.store.Store;
import io.koshi.tool.Tool;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Replaces a piece of a file that is named by its exact words. Thread-safe. */
@Component(
        name = "io.koshi.service.files.edit",
        configurationPid = "io.koshi.service.files",
        service = Tool.class,
        configurationPolicy = REQUIRE)
public final class EditFile implements Tool {
    private static final ToolSpec SPEC = new ToolSpec(
            "edit_file",
            "Replaces text in a file of the workspace. The old text must stand there exactly once, white space and all.",
            new Parameters()
                    .with("path", "string", "Relative to the workspace.")
                    .with("old", "string", "The exact text to replace; take enough of it to be unique.")
                    .with("new", "string", "What stands there afterwards.")
                    .with("all", "boolean", "Replace every occurrence.")
                    .require("path", "old", "new"));

    private final Workspace workspace;
    private final FileChange change;

    @Activate
    public EditFile(@Reference Store store, FilesSettings settings, Map<String, Object> properties) {
        this.workspace = new Workspace(settings, properties);
        this.change = new FileChange(workspace, new Tainted(store));
    }

    @Override
    public ToolSpec spec() {
        return SPEC;
    }

    @Override
    public boolean readOnly() {
        return false;
    }

    @Override
    public Intent intent(Context context, Map<String, Object> arguments) {
        return change.intent(context, Parameters.text(arguments, "path", ""));
    }

    @Override
    public Output run(Context context, Map<String, Object> arguments) {
        Place place = change.place(context, Parameters.text(arguments, "path", ""));
        String old = Parameters.text(arguments, "old", "");
        String fresh = Parameters.text(arguments, "new", "");
        if (old.isEmpty() || old.equals(fresh)) {
            throw KoshiException.invalid("/old", "names the text to replace, and is not what it is replaced by");
        }
        try (Folder folder = Folder.above(place, false)) {
            byte[] before = folder.read(FileChange.name(place), workspace.maxBytes())
                    .orElseThrow(() -> KoshiException.notFound("there is no '" + place.shown() + "'"));
            String text = Words.text(before, place.shown());
            int found = count(text, old);
            if (found == 0) {
                throw KoshiException.notFound(
                        "the old text does not stand in '" + place.shown() + "' as given; read it");
            }
            if (found > 1 && !Parameters.flag(arguments, "all")) {
                throw KoshiException.invalid(
                        "/old", "stands " + found + " times in '" + place.shown() + "'; take more of it, or say all");
            }
            long size = text.length() + (long) found * (fresh.length() - old.length());
            if (size > workspace.maxBytes()) {
                throw KoshiException.invalid("/new", "would make the file too large");
            }
            byte[] after = text.replace(old, fresh).getBytes(StandardCharsets.UTF_8);
            change.write(folder, place, after, Optional.of(before), context.trust());
            return Output.of("Replaced " + found + (found == 1 ? " place" : " places") + " in " + place.shown());
        }
    }

    private static int count(String text, String piece) {
        int count = 0;
        for (int at = text.indexOf(piece); at >= 0; at = text.indexOf(piece, at + piece.length())) {
            count++;
        }
        return count;
    }
}
