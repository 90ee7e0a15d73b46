package io.koshi.service.githubtools;

import static org.osgi.service.component.annotations.ConfigurationPolicy.REQUIRE;

import io.koshi.api.Http;
import io.koshi.codec.Codec;
import io.koshi.model.ToolSpec;
import io.koshi.tool.Tool;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Reads what a pull request changes. Thread-safe. */
@Component(
        name = "io.koshi.service.github-tools.diff",
        configurationPid = "io.koshi.service.github-tools",
        service = Tool.class,
        configurationPolicy = REQUIRE)
public final class DiffTool implements Tool {
    private static final ToolSpec SPEC = Shown.spec(
            "github_diff",
            "Reads what a pull request of GitHub changes, as a unified diff.",
            List.of("repository", "number"),
            "repository",
            "string",
            "owner/name.",
            "number",
            "integer",
            "The pull request's number.");

    private static final int SHOWN = 80_000;

    private final GithubApi api;

    @Activate
    public DiffTool(@Reference Http http, @Reference Codec codec, GithubSettings settings) {
        this.api = new GithubApi(http, codec, settings);
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
        String path = api.repository(arguments) + "/pulls/" + GithubApi.number(arguments);
        String diff = api.diff(path);
        return Output.untrusted(diff.isBlank() ? "(nothing)" : Shown.cut(diff, SHOWN));
    }
}
