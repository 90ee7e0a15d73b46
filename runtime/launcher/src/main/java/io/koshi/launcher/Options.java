package io.koshi.launcher;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What the daemon was asked on its command line and by its environment.
 *
 * @param home {@code KOSHI_HOME}, absolute
 * @param config the configuration file, absolute; need not exist
 * @param isolated whether every core bundle gets a class loader of its own
 * @param detached whether nobody reads standard error, so that the log goes to its file alone
 */
record Options(Path home, Path config, boolean isolated, boolean detached) {
    private static final String USAGE = "Usage: koshi-daemon [--home DIR] [--config FILE] [--isolated] [--detached]";

    /**
     * Reads {@code --home DIR}, {@code --config FILE}, {@code --isolated} and {@code --detached}. Without {@code --config} the file
     * is koshi.yaml in a home that was named, else in the working directory, else in {@code ~/.koshi}.
     *
     * @throws Refusal 2 for anything else
     */
    static Options parse(String[] args, Map<String, String> environment, Path directory, Path user) {
        String home = environment.getOrDefault("KOSHI_HOME", "");
        String config = "";
        boolean isolated = false;
        boolean detached = false;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--home" -> home = value(args, ++i);
                case "--config" -> config = value(args, ++i);
                case "--isolated" -> isolated = true;
                case "--detached" -> detached = true;
                default -> throw new Refusal(2, "There is no option " + args[i] + ". " + USAGE);
            }
        }
        // HOME as the shell has it; Java's user.home is the one of the password file
        String named = environment.getOrDefault("HOME", "");
        Path own = named.startsWith("/") ? Path.of(named) : user;
        Path at = directory.resolve(home.isEmpty() ? own.resolve(".koshi").toString() : home);
        return new Options(at.normalize(), file(config, !home.isEmpty(), at, directory), isolated, detached);
    }

    private static Path file(String config, boolean homeNamed, Path home, Path directory) {
        if (!config.isEmpty()) {
            return directory.resolve(config).normalize();
        }
        Path here = directory.resolve("koshi.yaml");
        return !homeNamed && Files.exists(here)
                ? here
                : home.resolve("koshi.yaml").normalize();
    }

    private static String value(String[] args, int at) {
        if (at >= args.length || args[at].isEmpty()) {
            throw new Refusal(2, args[at - 1] + " needs a value. " + USAGE);
        }
        return args[at];
    }
}
