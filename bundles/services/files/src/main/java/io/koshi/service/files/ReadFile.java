package io.koshi.service.files;

import static org.osgi.service.component.annotations.ConfigurationPolicy.REQUIRE;

import io.koshi.api.KoshiException;
import io.koshi.model.ToolSpec;
import io.koshi.service.files.Workspace.Place;
import io.koshi.store.Store;
import io.koshi.tool.Tool;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** Reads a text file. Thread-safe. */
@Component(name = "io.koshi.service.files", service = Tool.class, configurationPolicy = REQUIRE)
@Designate(ocd = FilesSettings.class, factory = true)
public final class ReadFile implements Tool {
    private static final ToolSpec SPEC = new ToolSpec(
            "read_file",
            "Reads a text file of the workspace. Of a long one the beginning and the end are shown; from and lines read a"
                    + " part of it.",
            new Parameters()
                    .with("path", "string", "Relative to the workspace.")
                    .with("from", "integer", "First line, from 1.")
                    .with("lines", "integer", "How many lines.")
                    .require("path"));

    private final Workspace workspace;
    private final Tainted tainted;

    @Activate
    public ReadFile(@Reference Store store, FilesSettings settings, Map<String, Object> properties) {
        this.workspace = new Workspace(settings, properties);
        this.tainted = new Tainted(store);
    }

    @Override
    public ToolSpec spec() {
        return SPEC;
    }

    @Override
    public boolean readOnly() {
        return true;
    }

    @Override
    public Output run(Context context, Map<String, Object> arguments) {
        Place place = workspace.place(context.workspace(), Parameters.text(arguments, "path", ""));
        byte[] bytes;
        try (Folder folder = Folder.above(place, false)) {
            bytes = folder.read(place.relative().getFileName().toString(), workspace.maxBytes())
                    .orElseThrow(() -> KoshiException.notFound("there is no '" + place.shown() + "'"));
        }
        String text = Words.text(bytes, place.shown());
        return new Output(Words.cut(part(text, arguments)), true, tainted.trust(bytes, workspace.trust()));
    }

    private static String part(String text, Map<String, Object> arguments) {
        int from = Math.max(1, Parameters.number(arguments, "from", 1));
        int count = Parameters.number(arguments, "lines", Integer.MAX_VALUE);
        if (from == 1 && count == Integer.MAX_VALUE) {
            return text.isEmpty() ? "(empty)" : text;
        }
        List<String> lines = text.lines().skip(from - 1L).limit(count).toList();
        return lines.isEmpty()
                ? "(it has only " + text.lines().count() + " lines)"
                : lines.stream().collect(Collectors.joining("\n"));
    }
}
