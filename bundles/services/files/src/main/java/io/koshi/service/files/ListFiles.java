package io.koshi.service.files;

import static org.osgi.service.component.annotations.ConfigurationPolicy.REQUIRE;

import io.koshi.model.ToolSpec;
import io.koshi.service.files.Folder.Item;
import io.koshi.service.files.Workspace.Place;
import io.koshi.tool.Tool;
import java.nio.file.PathMatcher;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Lists what lies in a directory. Thread-safe. */
@Component(
        name = "io.koshi.service.files.list",
        configurationPid = "io.koshi.service.files",
        service = Tool.class,
        configurationPolicy = REQUIRE)
public final class ListFiles implements Tool {
    private static final ToolSpec SPEC = new ToolSpec(
            "list_files",
            "Lists the files of a directory of the workspace, with all below it where a glob is given.",
            new Parameters()
                    .with("path", "string", "Relative to the workspace; the workspace itself where nothing is said.")
                    .with("glob", "string", "For example *.java or src/**/*.md.")
                    .require());

    private final Workspace workspace;

    @Activate
    public ListFiles(FilesSettings settings, Map<String, Object> properties) {
        this.workspace = new Workspace(settings, properties);
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
    public Output run(Context context, Map<String, Object> arguments) throws InterruptedException {
        Place place = workspace.place(context.workspace(), Parameters.text(arguments, "path", "."));
        String glob = Parameters.text(arguments, "glob", "");
        StringBuilder list = new StringBuilder();
        if (glob.isBlank()) {
            try (Folder folder = Folder.open(place)) {
                folder.items().stream()
                        .filter(item -> !item.name().startsWith(".koshi-"))
                        .takeWhile(item -> add(list, item, item.name()))
                        .forEach(item -> {});
            }
        } else {
            PathMatcher matcher = Tree.glob(glob);
            new Tree(workspace, context.workspace())
                    .walk(
                            place,
                            (in, item, path) -> item.attributes().isDirectory()
                                    || !matcher.matches(path)
                                    || add(list, item, path.toString()));
        }
        // names are words, too, of whoever made the files
        return new Output(list.length() == 0 ? "(nothing)" : list.toString(), true, workspace.trust());
    }

    private static boolean add(StringBuilder list, Item item, String path) {
        if (list.length() + path.length() > Words.SHOWN) {
            list.append("… and more; ask for a part of it\n");
            return false;
        }
        list.append(path.replace('\n', '?'));
        if (item.attributes().isDirectory()) {
            list.append("/\n");
        } else if (item.attributes().isSymbolicLink()) {
            list.append(" (a link, which is not followed)\n");
        } else {
            list.append(" (").append(item.attributes().size()).append(" bytes)\n");
        }
        return true;
    }
}
