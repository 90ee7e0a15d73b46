package io.koshi.config.internal;

import io.koshi.config.Config;
import io.koshi.config.Config.HttpBlock;
import io.koshi.config.Settings;
import java.io.IOException;
import java.util.Dictionary;
import java.util.Hashtable;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the {@code http} block to the web server, which waits for it ({@code org.apache.felix.http.require.config}) and
 * so starts once, on the right port; it starts anew only when the block has changed. Thread-safe.
 */
@Component(
        name = "io.koshi.config.http",
        service = {},
        immediate = true)
public final class HttpSettings {
    private static final Logger LOG = LoggerFactory.getLogger(HttpSettings.class);
    private static final String PID = "org.apache.felix.http";

    private final Settings settings;
    private final ConfigurationAdmin admin;
    private final AutoCloseable listening;

    @Activate
    public HttpSettings(@Reference Settings settings, @Reference ConfigurationAdmin admin) throws IOException {
        this.settings = settings;
        this.admin = admin;
        push(settings.config().http());
        this.listening = settings.onChange(this::follow);
    }

    @Deactivate
    public void close() throws Exception {
        listening.close();
    }

    private void follow(Config before, Config after) {
        if (!before.http().equals(after.http())) {
            try {
                push(after.http());
            } catch (IOException e) {
                LOG.error("The web server keeps its old settings", e);
            }
        }
    }

    private void push(HttpBlock http) throws IOException {
        admin.getConfiguration(PID, "?").updateIfDifferent(properties(http));
    }

    /** The names are those of the Apache Felix HTTP service. */
    private Dictionary<String, Object> properties(HttpBlock http) {
        Dictionary<String, Object> all = new Hashtable<>();
        all.put("org.apache.felix.http.host", http.host());
        all.put("org.apache.felix.http.enable", http.tls().isEmpty());
        all.put("org.apache.felix.https.enable", http.tls().isPresent());
        all.put("org.osgi.service.http.port", http.port());
        http.tls().ifPresent(tls -> {
            all.put("org.osgi.service.http.port.secure", http.port());
            all.put(
                    "org.apache.felix.https.keystore",
                    settings.origin().file().resolveSibling(tls.keystore()).toString());
            all.put("org.apache.felix.https.keystore.type", "PKCS12");
            all.put("org.apache.felix.https.keystore.password", tls.password());
            all.put("org.apache.felix.https.keystore.key.password", tls.password());
        });
        return all;
    }
}
