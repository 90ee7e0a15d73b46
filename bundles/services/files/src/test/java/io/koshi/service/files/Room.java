package io.koshi.service.files;

import io.koshi.api.Trust;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.store.internal.SqliteStore;
import io.koshi.testkit.TestSettings;
import io.koshi.tool.Tool;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A home with a workspace in it, a real store, and the five tools. */
final class Room implements AutoCloseable {
    final Map<String, Object> settings = new HashMap<>();
    final Path home;
    final Path workspace;
    final SqliteStore store;
    Trust trust = Trust.HIGH;

    Room(Path folder) throws IOException {
        this.home = Files.createDirectories(folder.resolve("home"));
        Path data = Files.createDirectories(home.resolve("data"));
        this.workspace = Files.createDirectories(data.resolve("workspace"));
        Files.writeString(home.resolve("token"), "the token");
        this.store = new SqliteStore(new TestSettings(data, new RecordCodec()));
    }

    Tool.Output run(String name, Object... pairs) throws Exception {
        return tool(name).run(context(), arguments(pairs));
    }

    String told(String name, Object... pairs) throws Exception {
        return run(name, pairs).text();
    }

    Tool.Intent intent(String name, Object... pairs) throws Exception {
        return tool(name).intent(context(), arguments(pairs));
    }

    private Tool.Context context() {
        return new Tool.Context("console:main", "run", "call", Optional.empty(), workspace, trust);
    }

    private static Map<String, Object> arguments(Object... pairs) {
        Map<String, Object> arguments = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            arguments.put((String) pairs[i], pairs[i + 1]);
        }
        return arguments;
    }

    private Tool tool(String name) {
        FilesSettings said = (FilesSettings) Proxy.newProxyInstance(
                FilesSettings.class.getClassLoader(),
                new Class<?>[] {FilesSettings.class},
                (proxy, method, args) -> settings.getOrDefault(method.getName(), method.getDefaultValue()));
        Map<String, Object> properties = Map.of(
                "koshi.home",
                home.toString(),
                "koshi.data",
                home.resolve("data").toString());
        return List.<Tool>of(
                        new ReadFile(store, said, properties),
                        new WriteFile(store, said, properties),
                        new EditFile(store, said, properties),
                        new ListFiles(said, properties),
                        new SearchFiles(store, said, properties))
                .stream()
                .filter(tool -> tool.spec().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        store.close();
    }
}
