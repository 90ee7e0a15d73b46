package io.koshi.channel.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.Address;
import io.koshi.api.ChannelState.Link;
import io.koshi.api.Health;
import io.koshi.api.Part;
import io.koshi.api.Reply;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.testkit.KeptInbox;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

class HttpChannelTest {
    private final List<Object> patterns = new ArrayList<>();

    private HttpChannel channel(Map<String, Object> settings) {
        return new HttpChannel(new KeptInbox(), null, new RecordCodec(), registrations(), config(settings));
    }

    @Test
    void withoutASecretRepliesWaitAndNobodyIsHeard() {
        HttpChannel channel = channel(Map.of("url", "http://127.0.0.1/"));
        assertThat(patterns).isEmpty();
        assertThat(channel.state().link()).isEqualTo(Link.DOWN);
        assertThat(channel.health().status()).isEqualTo(Health.Status.UNHEALTHY);
        Reply reply = new Reply(
                "R1", Address.of("http", "r"), List.of(Part.text("x")), Optional.empty(), Instant.now(), 1, false);
        assertThatThrownBy(() -> channel.send(reply)).isInstanceOf(IOException.class);
    }

    @Test
    void aSecondInstanceListensAtItsOwnPathUntilItIsClosed() {
        HttpChannel channel =
                channel(Map.of("url", "http://127.0.0.1/", "secret", "s3cret", "koshi_channel_name", "http~work"));
        assertThat(patterns).containsExactly("/channel/http~work");
        assertThat(channel.state().link()).isEqualTo(Link.CONNECTED);
        assertThat(channel.health().name()).isEqualTo("http~work");
        channel.close();
        assertThat(patterns).isEmpty();
    }

    /** The settings as the component runtime would give them: defaults where nothing is said. */
    private static HttpChannel.Config config(Map<String, Object> settings) {
        return (HttpChannel.Config) Proxy.newProxyInstance(
                HttpChannelTest.class.getClassLoader(),
                new Class<?>[] {HttpChannel.Config.class},
                (proxy, method, arguments) -> settings.getOrDefault(method.getName(), method.getDefaultValue()));
    }

    /** A bundle context that knows how to register a service, and nothing else. */
    private BundleContext registrations() {
        return (BundleContext) Proxy.newProxyInstance(
                HttpChannelTest.class.getClassLoader(),
                new Class<?>[] {BundleContext.class},
                (proxy, method, arguments) -> {
                    Object pattern = ((Dictionary<?, ?>) arguments[2]).get("osgi.http.whiteboard.servlet.pattern");
                    patterns.add(pattern);
                    return Proxy.newProxyInstance(
                            HttpChannelTest.class.getClassLoader(),
                            new Class<?>[] {ServiceRegistration.class},
                            (registration, call, nothing) -> {
                                patterns.remove(pattern);
                                return null;
                            });
                });
    }
}
