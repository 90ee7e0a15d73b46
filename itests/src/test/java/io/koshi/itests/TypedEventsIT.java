package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.api.Address;
import io.koshi.api.Inbox;
import io.koshi.api.Message;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.typedevent.TypedEventConstants;
import org.osgi.service.typedevent.UntypedEventHandler;
import org.osgi.util.tracker.ServiceTracker;

/** Any OSGi bundle hears the hub through the standard Typed Event service (Compendium 8, chapter 157). */
@InContainer
class TypedEventsIT {
    /** What a handler was given. */
    record Heard(String topic, Map<String, Object> event) {}

    @Test
    void aBundleHearsWhatTheHubReceives(BundleContext context) throws Exception {
        BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
        ServiceRegistration<?> handler = handler(context, heard, "koshi/message/received");
        Inbox inbox = inbox(context);

        // the bus starts when the first handler comes, so the first messages may be before its time
        Heard first = null;
        for (int i = 0; first == null && i < 500; i++) {
            inbox.accept(Message.of(Address.of("console", "typed"), "hello " + i));
            first = heard.poll(200, TimeUnit.MILLISECONDS);
        }

        assertThat(first).isNotNull();
        assertThat(first.topic()).isEqualTo("koshi/message/received");
        assertThat(first.event()).containsEntry("channel", "console").containsEntry("conversation", "typed");
        assertThat(String.valueOf(first.event().get("text"))).startsWith("hello");
        handler.unregister();
    }

    @Test
    void aHandlerHearsItsOwnTopicsOnly(BundleContext context) throws Exception {
        BlockingQueue<Heard> memories = new LinkedBlockingQueue<>();
        BlockingQueue<Heard> all = new LinkedBlockingQueue<>();
        ServiceRegistration<?> one = handler(context, memories, "koshi/memory/stored");
        ServiceRegistration<?> other = handler(context, all, "koshi/*");
        Inbox inbox = inbox(context);

        Heard first = null;
        for (int i = 0; first == null && i < 500; i++) {
            inbox.accept(Message.of(Address.of("console", "typed"), "again " + i));
            first = all.poll(200, TimeUnit.MILLISECONDS);
        }

        assertThat(first).isNotNull();
        assertThat(memories).isEmpty();
        one.unregister();
        other.unregister();
    }

    private static ServiceRegistration<?> handler(BundleContext context, BlockingQueue<Heard> heard, String topic) {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(TypedEventConstants.TYPED_EVENT_TOPICS, new String[] {topic});
        UntypedEventHandler handler = (name, event) -> heard.add(new Heard(name, event));
        return context.registerService(UntypedEventHandler.class, handler, properties);
    }

    private static Inbox inbox(BundleContext context) throws InterruptedException {
        ServiceTracker<Inbox, Inbox> tracker = new ServiceTracker<>(context, Inbox.class, null);
        tracker.open();
        Inbox inbox = tracker.waitForService(120_000);
        assertThat(inbox).isNotNull();
        return inbox;
    }
}
