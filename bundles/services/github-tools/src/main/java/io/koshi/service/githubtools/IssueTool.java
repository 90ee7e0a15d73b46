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
import org.osgi.service.metatype.annotations.Designate;

/** Reads an issue or a pull request with its comments. Thread-safe. */
@Component(name = "io.koshi.service.github-tools", service = Tool.class, configurationPolicy = REQUIRE)
@Designate(ocd = GithubSettings.class, factory = true)
public final class IssueTool implements Tool {
    private static final ToolSpec SPEC = Shown.spec(
            "github_issue",
            "Reads an issue or a pull request of GitHub with its newest comments.",
            List.of("repository", "number"),
            "repository",
            "string",
            "owner/name.",
            "number",
            "integer",
            "Its number.");

    private static final int COMMENTS = 30;
    private static final int COMMENT = 4000;

    private final GithubApi api;

    @Activate
    public IssueTool(@Reference Http http, @Reference Codec codec, GithubSettings settings) {
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
        String path = api.repository(arguments) + "/issues/" + GithubApi.number(arguments);
        Map<String, Object> issue = api.object(path);
        StringBuilder text = new StringBuilder(Shown.line(issue));
        text.append('\n').append(Shown.text(issue.get("html_url"))).append("\n\n");
        text.append(Shown.cut(Shown.text(issue.get("body")), Shown.WORDS));
        long count = issue.get("comments") instanceof Number number ? number.longValue() : 0;
        if (count > 0) {
            long page = (count + COMMENTS - 1) / COMMENTS;
            for (Object each : api.list(path + "/comments?per_page=" + COMMENTS + "&page=" + page)) {
                if (each instanceof Map<?, ?> comment) {
                    text.append("\n\n--- ").append(Shown.login(comment)).append(", ");
                    text.append(Shown.text(comment.get("created_at"))).append(" ---\n");
                    text.append(Shown.cut(Shown.text(comment.get("body")), COMMENT));
                }
            }
        }
        return Output.untrusted(text.toString());
    }
}
