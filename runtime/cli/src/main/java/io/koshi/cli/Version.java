package io.koshi.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** {@code koshi version}: of this command; {@code koshi status} has the hub's. */
final class Version {
    private Version() {}

    static int run(Words words, Invocation call) throws IOException {
        words.done();
        String version = version();
        call.out().println(call.json() ? "{\"version\":\"" + version + "\"}" : "koshi " + version);
        return 0;
    }

    static String version() throws IOException {
        try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version");
        }
    }
}
