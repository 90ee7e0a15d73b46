package io.koshi.listener.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.api.Health;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.testkit.KeptInbox;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

class WebhookListenerTest {
    private final List<Object> patterns = new ArrayList<>();
    private String host = "127.0.0.1";

    private WebhookListener listener(Map<String, Object> properties) {
        return new WebhookListener(new KeptInbox(), new RecordCodec(), context(), config(Map.of()), properties);
    }

    @Test
    void opensWhatIsSafeAndSaysWhyTheRestIsClosed() {
        WebhookListener listener = listener(Map.of(
                "routes.deploy.secret", "s3cret",
                "routes.bare.verify", "hmac-sha256",
                "routes.typo.secret", "s3cret",
                "routes.typo.verifiy", "bearer",
                "routes.open.verify", "none"));
        assertThat(patterns).containsExactlyInAnyOrder("/webhook/deploy", "/webhook/open");
        assertThat(listener.health().status()).isEqualTo(Health.Status.UNHEALTHY);
        assertThat(listener.health().message()).get().asString().contains("bare", "no secret", "typo", "verifiy");
        assertThat(listener.health().data()).containsEntry("routes", List.of("/webhook/deploy", "/webhook/open"));
        listener.close();
        assertThat(patterns).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "192.168.1.7", "hub.example.org"})
    void opensNoUnverifiedRouteOnAPublicBind(String publicHost) {
        host = publicHost;
        WebhookListener listener = listener(Map.of("routes.open.verify", "none"));
        assertThat(patterns).isEmpty();
        assertThat(listener.health().message()).get().asString().contains("open", "loopback");
    }

    @Test
    void withoutRoutesThereIsNothingToOpenAndNothingWrong() {
        assertThat(listener(Map.of()).health().status()).isEqualTo(Health.Status.HEALTHY);
        assertThat(patterns).isEmpty();
    }

    /** The settings as the component runtime would give them: defaults where nothing is said. */
    private static WebhookListener.Config config(Map<String, Object> settings) {
        return (WebhookListener.Config) Proxy.newProxyInstance(
                WebhookListenerTest.class.getClassLoader(),
                new Class<?>[] {WebhookListener.Config.class},
                (proxy, method, arguments) -> settings.getOrDefault(method.getName(), method.getDefaultValue()));
    }

    /** A bundle context that knows the bind and how to register a service, and nothing else. */
    private BundleContext context() {
        return (BundleContext) Proxy.newProxyInstance(
                WebhookListenerTest.class.getClassLoader(),
                new Class<?>[] {BundleContext.class},
                (proxy, method, arguments) ->
                        method.getName().equals("getProperty") ? host : register((Dictionary<?, ?>) arguments[2]));
    }

    private Object register(Dictionary<?, ?> properties) {
        List<String> mine = List.of((String[]) properties.get("osgi.http.whiteboard.servlet.pattern"));
        patterns.addAll(mine);
        return Proxy.newProxyInstance(
                WebhookListenerTest.class.getClassLoader(),
                new Class<?>[] {ServiceRegistration.class},
                (registration, call, nothing) -> {
                    patterns.removeAll(mine);
                    return null;
                });
    }
}
