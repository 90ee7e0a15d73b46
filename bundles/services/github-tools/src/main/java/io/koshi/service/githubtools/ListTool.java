package io.koshi.service.githubtools;

import static org.osgi.service.component.annotations.ConfigurationPolicy.REQUIRE;

import io.koshi.api.Http;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.model.ToolSpec;
import io.koshi.tool.Tool;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Lists issues or pull requests, newest change first. Thread-safe. */
@Component(
        name = "io.koshi.service.github-tools.list",
        configurationPid = "io.koshi.service.github-tools",
        service = Tool.class,
        configurationPolicy = REQUIRE)
public final class ListTool implements Tool {
    private static final ToolSpec SPEC = Shown.spec(
            "github_list",
            "Lists issues or pull requests of a repository of GitHub, newest change first.",
            List.of("repository"),
            "repository",
            "string",
            "owner/name.",
            "kind",
            "string",
            "issues (the default) or pulls.",
            "state",
            "string",
            "open (the default), closed or all.",
            "labels",
            "string",
            "Only issues with all of these, separated by commas.",
            "page",
            "integer",
            "Fifty a page, from 1.");

    private final GithubApi api;

    @Activate
    public ListTool(@Reference Http http, @Reference Codec codec, GithubSettings settings) {
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
        String kind = oneOf(arguments, "kind", "issues", "pulls");
        String state = oneOf(arguments, "state", "open", "closed", "all");
        long page = arguments.get("page") instanceof Number number ? Math.max(1, number.longValue()) : 1;
        String labels = arguments.get("labels") instanceof String text && !text.isBlank()
                ? "&labels=" + URLEncoder.encode(text, StandardCharsets.UTF_8)
                : "";
        StringBuilder text = new StringBuilder();
        for (Object each : api.list(api.repository(arguments) + "/" + kind
                + "?per_page=50&sort=updated&direction=desc&state=" + state + "&page=" + page + labels)) {
            if (each instanceof Map<?, ?> thing) {
                text.append(Shown.line(thing)).append('\n');
            }
        }
        return Output.untrusted(text.length() == 0 ? "(nothing)" : text.toString());
    }

    private static String oneOf(Map<String, Object> arguments, String name, String... valid) {
        Object said = arguments.getOrDefault(name, valid[0]);
        if (!List.of(valid).contains(said)) {
            throw KoshiException.invalid("/" + name, "is one of " + String.join(", ", valid));
        }
        return (String) said;
    }
}
