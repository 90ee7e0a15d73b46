package io.koshi.service.files;

import static org.osgi.service.component.annotations.ConfigurationPolicy.REQUIRE;

import io.koshi.api.ErrorCode;
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

/** Writes a whole file. Thread-safe. */
@Component(
        name = "io.koshi.service.files.write",
        configurationPid = "io.koshi.service.files",
        service = Tool.class,
        configurationPolicy = REQUIRE)
public final class WriteFile implements Tool {
    private static final ToolSpec SPEC = new ToolSpec(
            "write_file",
            "Writes a text file of the workspace, with the directories it needs; what was there is replaced.",
            new Parameters()
                    .with("path", "string", "Relative to the workspace.")
                    .with("content", "string", "All of it.")
                    .require("path", "content"));

    private final Workspace workspace;
    private final FileChange change;

    @Activate
    public WriteFile(@Reference Store store, FilesSettings settings, Map<String, Object> properties) {
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
        byte[] content = Parameters.text(arguments, "content", "").getBytes(StandardCharsets.UTF_8);
        if (content.length > workspace.maxBytes()) {
            throw new KoshiException(
                    ErrorCode.TOO_LARGE, "a file here has at most " + workspace.maxBytes() / 1024 + " KB");
        }
        Place place = change.place(context, Parameters.text(arguments, "path", ""));
        try (Folder folder = Folder.above(place, true)) {
            Optional<byte[]> before = folder.read(FileChange.name(place), workspace.maxBytes());
            change.write(folder, place, content, Optional.empty(), context.trust());
            return Output.of(
                    (before.isPresent() ? "Replaced " : "Wrote ") + place.shown() + ", " + content.length + " bytes");
        }
    }
}
