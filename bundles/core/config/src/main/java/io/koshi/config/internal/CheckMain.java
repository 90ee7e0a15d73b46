package io.koshi.config.internal;

import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.config.Config;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ServiceLoader;

/**
 * Checks a configuration file without a running hub: {@code CheckMain FILE HOME}; exit code 0 good, 1 bad. With {@code
 * --http} after them a good file's address to listen at is printed instead, {@code HOST PORT}; with {@code --models} its
 * models as JSON, variables and secrets filled in, for the worker that does tasks by one of them.
 */
public final class CheckMain {
    private CheckMain() {}

    public static void main(String[] args) {
        Codec codec = ServiceLoader.load(Codec.class).findFirst().orElseThrow();
        Path file = Path.of(args[0]).toAbsolutePath();
        Path home = args.length > 1 ? Path.of(args[1]).toAbsolutePath() : file.getParent();
        ConfigFile config = new ConfigFile(file, home, codec, System::getenv, bsn -> true);
        try {
            Loaded loaded = config.read();
            if (args.length > 2 && args[2].equals("--http")) {
                Config.HttpBlock http = loaded.config().http();
                System.out.println(http.host() + " " + http.port());
                return;
            }
            if (args.length > 2 && args[2].equals("--models")) {
                byte[] models = codec.json(loaded.config().models());
                System.out.println(new String(models, StandardCharsets.UTF_8));
                return;
            }
            loaded.warnings().forEach(System.out::println);
            System.out.println(file + " is good");
        } catch (KoshiException bad) {
            System.out.println(bad.getMessage());
            System.exit(1);
        }
    }
}
