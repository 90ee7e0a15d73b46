package io.koshi.service.files;

import static org.osgi.service.component.annotations.ConfigurationPolicy.REQUIRE;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import io.koshi.model.ToolSpec;
import io.koshi.service.files.BoundedText.Budget;
import io.koshi.service.files.Folder.Item;
import io.koshi.service.files.Workspace.Place;
import io.koshi.store.Store;
import io.koshi.tool.Tool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.Iterator;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Searches the lines of files. Thread-safe. */
@Component(
        name = "io.koshi.service.files.search",
        configurationPid = "io.koshi.service.files",
        service = Tool.class,
        configurationPolicy = REQUIRE)
public final class SearchFiles implements Tool {
    private static final ToolSpec SPEC = new ToolSpec(
            "search_files",
            "Searches the text files of the workspace for a regular expression; gives path, line number and line.",
            new Parameters()
                    .with("pattern", "string", "A regular expression of Java, or plain words where literal is true.")
                    .with("path", "string", "Where to search; the whole workspace where nothing is said.")
                    .with("glob", "string", "Only files like this, for example *.java.")
                    .with("literal", "boolean", "Take the pattern as it stands.")
                    .with("ignoreCase", "boolean", "Upper and lower case are the same.")
                    .require("pattern"));

    private static final long LOOKED_AT = 400_000_000;
    private static final long MOST_BYTES = 512L << 20;
    private static final int LINE = 300;
    private static final int LONGEST = 20_000;

    private final Workspace workspace;
    private final Tainted tainted;

    @Activate
    public SearchFiles(@Reference Store store, FilesSettings settings, Map<String, Object> properties) {
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
    public Output run(Context context, Map<String, Object> arguments) throws InterruptedException {
        Place place = workspace.place(context.workspace(), Parameters.text(arguments, "path", "."));
        Search search = new Search(pattern(arguments), Tree.glob(Parameters.text(arguments, "glob", "")));
        new Tree(workspace, context.workspace()).walk(place, search::visit);
        return new Output(search.found.length() == 0 ? "(nothing)" : search.found.toString(), true, search.trust);
    }

    private static Pattern pattern(Map<String, Object> arguments) {
        int flags = (Parameters.flag(arguments, "literal") ? Pattern.LITERAL : 0)
                | (Parameters.flag(arguments, "ignoreCase") ? Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE : 0);
        String pattern = Parameters.text(arguments, "pattern", "");
        if (pattern.isEmpty() || pattern.length() > 1000) {
            throw KoshiException.invalid("/pattern", "has from 1 to 1000 characters");
        }
        try {
            return Pattern.compile(pattern, flags);
        } catch (PatternSyntaxException e) {
            throw KoshiException.invalid("/pattern", "is no regular expression: " + e.getDescription());
        }
    }

    /** One search through a tree. Confined to one thread. */
    private final class Search {
        private final Pattern pattern;
        private final PathMatcher glob;
        private final Budget budget = new Budget(LOOKED_AT);
        private final StringBuilder found = new StringBuilder();
        private Trust trust = workspace.trust();
        private long bytes;

        Search(Pattern pattern, PathMatcher glob) {
            this.pattern = pattern;
            this.glob = glob;
        }

        boolean visit(Folder in, Item item, Path path) {
            if (!item.attributes().isRegularFile()
                    || item.attributes().size() > workspace.maxBytes()
                    || !glob.matches(path)) {
                return true;
            }
            byte[] content = in.read(item.name(), workspace.maxBytes()).orElse(new byte[0]);
            bytes += content.length;
            if (bytes > MOST_BYTES) {
                found.append("… and more; search a part of it\n");
                return false;
            }
            if (Words.isBinary(content)) {
                return true;
            }
            int before = found.length();
            boolean more = lines(path.toString(), new String(content, StandardCharsets.UTF_8));
            if (found.length() > before && trust != Trust.LOW) {
                trust = tainted.trust(content, trust);
            }
            return more;
        }

        private boolean lines(String path, String content) {
            int number = 0;
            for (Iterator<String> lines = content.lines().iterator(); lines.hasNext(); ) {
                String line = lines.next();
                number++;
                if (matches(line.length() <= LONGEST ? line : line.substring(0, LONGEST))) {
                    if (found.length() + path.length() + LINE > Words.SHOWN) {
                        found.append("… and more; search for something rarer\n");
                        return false;
                    }
                    found.append(path).append(':').append(number).append(": ");
                    found.append(line.length() <= LINE ? line : line.substring(0, LINE) + "…")
                            .append('\n');
                }
            }
            return true;
        }

        private boolean matches(String line) {
            try {
                return pattern.matcher(new BoundedText(line, budget)).find();
            } catch (StackOverflowError e) {
                throw new KoshiException(ErrorCode.INVALID_PARAMS, "the pattern nests too deeply; make it simpler", e);
            }
        }
    }
}
