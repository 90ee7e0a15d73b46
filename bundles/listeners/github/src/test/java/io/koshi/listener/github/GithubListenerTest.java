package io.koshi.listener.github;

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

class GithubListenerTest {
    private final List<Object> patterns = new ArrayList<>();

    private GithubListener listener(Map<String, Object> settings) {
        return new GithubListener(new KeptInbox(), new RecordCodec(), registrations(), config(settings));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   "})
    void opensNoRouteWithoutASecretAndSaysSo(String secret) {
        GithubListener listener = listener(Map.of("secret", secret));
        assertThat(patterns).isEmpty();
        assertThat(listener.health().status()).isEqualTo(Health.Status.UNHEALTHY);
        assertThat(listener.health().message()).get().asString().contains("secret");
    }

    @Test
    void opensItsPathWithASecretAndClosesItAtTheEnd() {
        GithubListener listener = listener(Map.of("secret", "s3cret", "path", "/webhook/hub"));
        assertThat(patterns).containsExactly("/webhook/hub");
        assertThat(listener.health().status()).isEqualTo(Health.Status.HEALTHY);
        listener.close();
        assertThat(patterns).isEmpty();
    }

    /** The settings as the component runtime would give them: defaults where nothing is said. */
    private static GithubListener.Config config(Map<String, Object> settings) {
        return (GithubListener.Config) Proxy.newProxyInstance(
                GithubListenerTest.class.getClassLoader(),
                new Class<?>[] {GithubListener.Config.class},
                (proxy, method, arguments) -> settings.getOrDefault(method.getName(), method.getDefaultValue()));
    }

    /** A bundle context that knows how to register a service, and nothing else. */
    private BundleContext registrations() {
        return (BundleContext) Proxy.newProxyInstance(
                GithubListenerTest.class.getClassLoader(),
                new Class<?>[] {BundleContext.class},
                (proxy, method, arguments) -> {
                    Object pattern = ((Dictionary<?, ?>) arguments[2]).get("osgi.http.whiteboard.servlet.pattern");
                    patterns.add(pattern);
                    return Proxy.newProxyInstance(
                            GithubListenerTest.class.getClassLoader(),
                            new Class<?>[] {ServiceRegistration.class},
                            (registration, call, nothing) -> {
                                patterns.remove(pattern);
                                return null;
                            });
                });
    }
}
