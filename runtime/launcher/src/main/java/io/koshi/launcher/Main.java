package io.koshi.launcher;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;

/**
 * The daemon: prepares the home, makes sure it is the only one there, starts the house and waits for its end. A room
 * ends the process by stopping bundle 0; one that refuses to go on first says why in the system property {@code
 * koshi.refusal}, and the exit code is then {@code koshi.exit}, or 1.
 */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws InterruptedException {
        int exit = 0;
        try {
            Path user = Path.of(System.getProperty("user.home"));
            run(Options.parse(args, System.getenv(), Path.of("").toAbsolutePath(), user));
        } catch (Refusal refusal) {
            System.err.println(refusal.getMessage());
            exit = refusal.exit();
        } catch (BundleException e) {
            System.err.println("Koshi could not start: " + e.getMessage() + ". Where the disk is full, free some space;"
                    + " 'koshi doctor' looks closer."); // Felix hides why it could not write
            exit = 1;
        } catch (IOException e) {
            System.err.println("Koshi could not start, its files cannot be used: " + e.getMessage()
                    + ". Free the disk, or make" + " the home your own; 'koshi doctor' looks closer.");
            exit = 1;
        }
        System.exit(exit);
    }

    private static void run(Options options) throws IOException, InterruptedException, BundleException {
        Distribution distribution = new Distribution(Path.of(System.getProperty("koshi.dist")));
        Home home = Home.prepare(options.home());
        System.setProperty("koshi.logs", home.logs().toString());
        System.setProperty("koshi.console", Boolean.toString(!options.detached()));
        Path socket = home.socket(System.getenv());
        StopSignals signals = StopSignals.install();
        try (InstanceLock lock = InstanceLock.take(home, socket)) {
            if (!options.isolated()) {
                System.setProperty("slf4j.provider", "io.koshi.log.internal.LogProvider");
                System.setProperty("slf4j.internal.verbosity", "WARN"); // or it tells of the line before
                Warmth.begin(home.cache());
            }
            FrameworkCache cache = new FrameworkCache(home.cache(), distribution.build() + options.isolated());
            cache.open();
            Map<String, String> properties = FrameworkProperties.of(
                    distribution, home.directory(), options.config(), socket, options.isolated());
            properties.put(Constants.FRAMEWORK_STORAGE, cache.storage().toString());
            House house = build(distribution, options.isolated(), properties, cache);
            house.start();
            signals.guard(house);
            house.awaitStop();
            cache.close();
        }
        refuseWhenAsked();
        Archive.keep();
    }

    /** A cache that was damaged in a way nobody foresaw must not keep the daemon from starting. */
    private static House build(
            Distribution distribution, boolean isolated, Map<String, String> properties, FrameworkCache cache)
            throws IOException, BundleException {
        try {
            return House.build(distribution, isolated, properties);
        } catch (BundleException | RuntimeException damaged) {
            cache.discard();
            return House.build(distribution, isolated, properties);
        }
    }

    private static void refuseWhenAsked() {
        String sentence = System.getProperty("koshi.refusal");
        if (sentence != null) {
            throw new Refusal(Integer.getInteger("koshi.exit", 1), sentence);
        }
    }
}
