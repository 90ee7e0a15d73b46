package example.listener.feed;

import io.koshi.api.Address;
import io.koshi.api.Cursor;
import io.koshi.api.Http;
import io.koshi.api.Inbox;
import io.koshi.api.Message;
import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Polls {@code GET url?since=CURSOR} for {@code {"items":[{id,from,text}],"next":CURSOR}}; loses nothing. */
@Component(name = "example.listener.feed", service = {}, configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = FeedListener.Config.class)
public final class FeedListener {
    @ObjectClassDefinition
    @interface Config {
        String url();

        int seconds() default 60;
    }

    record Item(String id, String from, String text) {}

    record Page(List<Item> items, String next) {}

    @Activate
    public FeedListener(
            @Reference Inbox inbox, @Reference Http http, @Reference Codec codec, @Reference Pools pools, Config conf) {
        Duration pause = Duration.ofSeconds(conf.seconds());
        pools.every("feed", pause, () -> poll(inbox, http, codec, conf.url())); // ends with this bundle
    }

    private void poll(Inbox inbox, Http http, Codec codec, String url) throws IOException, InterruptedException {
        URI ask = URI.create(url + "?since=" + inbox.cursor("feed", "").orElse("0"));
        byte[] answer = http.send(HttpRequest.newBuilder(ask).build(), BodyHandlers.ofByteArray()).body();
        Page page = codec.fromData(codec.parseJson(answer), Page.class);
        inbox.accept(page.items().stream().map(FeedListener::message).toList(), Cursor.of("feed", page.next()));
    }

    private static Message message(Item item) {
        return Message.of(Address.of("feed", item.from()), item.text()).withExternalId(item.id());
    }
}
