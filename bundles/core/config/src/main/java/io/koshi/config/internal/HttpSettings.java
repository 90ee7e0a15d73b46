package io.koshi.config.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Problem;
import io.koshi.config.Config;
import io.koshi.config.Config.HttpBlock;
import io.koshi.config.ConfigCheck;
import io.koshi.config.Settings;
import java.io.IOException;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
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
        service = ConfigCheck.class,
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class HttpSettings implements ConfigCheck {
    private static final Logger LOG = LoggerFactory.getLogger(HttpSettings.class);
    private static final String PID = "org.apache.felix.http";

    private final Settings settings;
    private final ConfigurationAdmin admin;
    private final AutoCloseable listening;
    private volatile HttpBlock pushed;

    @Activate
    public HttpSettings(@Reference Settings settings, @Reference ConfigurationAdmin admin, BundleContext context)
            throws IOException {
        this.settings = settings;
        this.admin = admin;
        HttpBlock http = settings.config().http();
        Optional<Problem> taken = ListenAddress.of(http).problem();
        if (taken.isPresent()) {
            throw Refusal.of(
                    context, new KoshiException(ErrorCode.CONFLICT, taken.get().problem()));
        }
        push(http);
        this.listening = settings.onChange(this::follow);
    }

    @Deactivate
    public void close() throws Exception {
        listening.close();
    }

    /** Whether the web server could move to where a candidate wants it. */
    @Override
    public List<Problem> check(Config candidate) {
        ListenAddress wanted = ListenAddress.of(candidate.http());
        return candidate == settings.config() || wanted.equals(ListenAddress.of(pushed))
                ? List.of()
                : wanted.problem().stream().toList();
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
        pushed = http;
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
