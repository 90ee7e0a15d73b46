package io.koshi.service.githubtools;

import static org.osgi.service.component.annotations.ConfigurationPolicy.REQUIRE;

import io.koshi.api.Http;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.model.ToolSpec;
import io.koshi.tool.Tool;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Comments on an issue or a pull request, for everyone who can read it. Thread-safe. */
@Component(
        name = "io.koshi.service.github-tools.comment",
        configurationPid = "io.koshi.service.github-tools",
        service = Tool.class,
        configurationPolicy = REQUIRE)
public final class CommentTool implements Tool {
    private static final ToolSpec SPEC = Shown.spec(
            "github_comment",
            "Comments on an issue or a pull request of GitHub; everybody who can read it sees it.",
            List.of("repository", "number", "body"),
            "repository",
            "string",
            "owner/name.",
            "number",
            "integer",
            "Its number.",
            "body",
            "string",
            "Markdown.");

    /** GitHub refuses more. */
    private static final int LONGEST = 65_536;

    private final GithubApi api;

    @Activate
    public CommentTool(@Reference Http http, @Reference Codec codec, GithubSettings settings) {
        this.api = new GithubApi(http, codec, settings);
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
        return Intent.unlisted(Map.of("issue", api.repository(arguments) + "/issues/" + GithubApi.number(arguments)));
    }

    @Override
    public Output run(Context context, Map<String, Object> arguments) throws InterruptedException {
        String body = Shown.text(arguments.get("body"));
        if (body.isBlank() || body.length() > LONGEST) {
            throw KoshiException.invalid("/body", "has from 1 to " + LONGEST + " characters");
        }
        Map<String, Object> made = api.post(
                api.repository(arguments) + "/issues/" + GithubApi.number(arguments) + "/comments",
                Map.of("body", body));
        return Output.of("Commented: " + Shown.text(made.get("html_url")));
    }
}
