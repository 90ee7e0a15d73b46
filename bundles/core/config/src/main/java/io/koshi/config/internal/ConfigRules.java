package io.koshi.config.internal;

import io.koshi.api.Problem;
import io.koshi.config.Config;
import io.koshi.config.Config.HttpBlock;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** What a configuration must fulfil beyond its shape. Confined to one call. */
final class ConfigRules {
    /** Blocks whose rooms may be missing, and the bundle that reads each. */
    private static final Map<String, String> ROOMS = Map.of(
            "tools", "io.koshi.tool",
            "mcp", "io.koshi.service.mcp",
            "skills", "io.koshi.skill",
            "cron", "io.koshi.cron",
            "tasks", "io.koshi.task",
            "memory", "io.koshi.memory",
            "gateway", "io.koshi.gateway");

    private static final Pattern PLUGIN = Pattern.compile("[a-z][a-z0-9-]{0,40}(~[a-z0-9-]{1,20})?");
    private static final Pattern SERVER = Pattern.compile("[a-z0-9-]{1,20}");
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127\\.\\d+\\.\\d+\\.\\d+|::1|\\[::1]");

    private final Config config;
    private final Path directory;
    private final List<Problem> problems = new ArrayList<>();

    private ConfigRules(Config config, Path directory) {
        this.config = config;
        this.directory = directory;
    }

    /** @param directory what relative paths are relative to */
    static List<Problem> problems(Config config, Path directory) {
        ConfigRules rules = new ConfigRules(config, directory);
        rules.http(config.http());
        rules.plugins();
        rules.repositories();
        rules.models();
        rules.servers();
        return rules.problems;
    }

    /** Blocks that are there but that nobody reads. */
    static List<String> unread(Map<String, Object> data, Predicate<String> installed) {
        return data.keySet().stream()
                .filter(block -> ROOMS.containsKey(block) && !installed.test(ROOMS.get(block)))
                .map(block ->
                        "the block '" + block + "' has no effect, because " + ROOMS.get(block) + " is not installed")
                .toList();
    }

    /** A hub that others can reach shows itself by TLS, its own or a proxy's. */
    private void http(HttpBlock http) {
        boolean open = !LOOPBACK.matcher(http.host()).matches();
        if (open && !http.proxy() && http.tls().isEmpty()) {
            add(
                    "/http/host",
                    http.host() + " can be reached from outside; give 'tls: { keystore, password }', or 'proxy: true'"
                            + " when a proxy that ends TLS stands in front, or use 127.0.0.1");
        }
        http.tls().ifPresent(tls -> {
            if (!Files.isReadable(directory.resolve(tls.keystore()))) {
                add("/http/tls/keystore", "there is no key store " + directory.resolve(tls.keystore()));
            }
        });
    }

    private void plugins() {
        Set<Object> names = new HashSet<>();
        for (int i = 0; i < config.plugins().size(); i++) {
            Map<String, Object> entry = config.plugins().get(i);
            String path = "/plugins/" + i;
            if (!(entry.get("name") instanceof String name)
                    || !PLUGIN.matcher(name).matches()) {
                add(
                        path + (entry.containsKey("name") ? "/name" : ""),
                        "needs a 'name' such as github or telegram~work");
            } else if (!names.add(name)) {
                add(path + "/name", "the plugin '" + name + "' is here twice; name the second '" + name + "~other'");
            }
            keys(entry, path);
        }
    }

    /** Code is fetched over TLS, or from this machine. */
    private void repositories() {
        for (int i = 0; i < config.repositories().size(); i++) {
            String repository = config.repositories().get(i);
            try {
                URI uri = new URI(repository);
                boolean safe = "https".equals(uri.getScheme())
                        || "http".equals(uri.getScheme())
                                && uri.getHost() != null
                                && LOOPBACK.matcher(uri.getHost()).matches();
                if (!safe || uri.getHost() == null) {
                    add("/repositories/" + i, "needs an address that begins with https://");
                }
            } catch (URISyntaxException e) {
                add("/repositories/" + i, "is no address: " + e.getMessage());
            }
        }
    }

    private void models() {
        config.models().forEach((name, entry) -> {
            String path = Document.child("/models", name);
            if (!(entry.get("plugin") instanceof String plugin) || plugin.isEmpty()) {
                add(path, "needs a 'plugin', for example 'plugin: anthropic'");
            }
            keys(entry, path);
        });
        Set<String> known = new TreeSet<>(config.models().keySet());
        known.add("offline");
        config.agent().model().ifPresent(model -> known("/agent/model", model, known));
        config.agent().subAgentModel().ifPresent(model -> known("/agent/subAgentModel", model, known));
        for (int i = 0; i < config.agent().fallback().size(); i++) {
            known("/agent/fallback/" + i, config.agent().fallback().get(i), known);
        }
    }

    private void servers() {
        config.mcp().servers().forEach((name, entry) -> {
            String path = Document.child("/mcp/servers", name);
            if (!SERVER.matcher(name).matches()) {
                add(path, "needs a name of 1 to 20 of a-z 0-9 -");
            }
            if (entry.containsKey("command") == entry.containsKey("url")) {
                add(path, "needs either a 'command', a list of the program and its arguments, or a 'url'");
            }
            keys(entry, path);
        });
    }

    private void known(String path, String model, Set<String> known) {
        if (!known.contains(model)) {
            add(path, "there is no model '" + model + "'; there are " + String.join(", ", known));
        }
    }

    /** Dots would be taken for nesting where settings are handed to a component. */
    private void keys(Object value, String path) {
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, below) -> {
                String at = Document.child(path, key.toString());
                if (key.toString().indexOf('.') >= 0) {
                    add(at, "a setting's name has no dot; nest it instead");
                }
                keys(below, at);
            });
        } else if (value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                keys(list.get(i), path + "/" + i);
            }
        }
    }

    private void add(String path, String problem) {
        problems.add(new Problem(path, problem));
    }
}
