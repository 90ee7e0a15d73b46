package io.koshi.channel.console;

import io.koshi.api.Channel;
import io.koshi.api.ChannelName;
import io.koshi.api.Part;
import io.koshi.api.Receipt;
import io.koshi.api.Reply;
import io.koshi.event.Events;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * Says replies to whoever watches the hub's own consoles, as event {@code console.reply}. Said is sent:
 * who was not watching finds the reply in the conversation's transcript. Thread-safe.
 */
@Component(
        name = "io.koshi.channel.console",
        service = Channel.class,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@ChannelName("console")
@Designate(ocd = ConsoleChannel.Config.class, factory = true)
public final class ConsoleChannel implements Channel {
    /** The event's topic. */
    static final String TOPIC = "console.reply";

    /** The settings of a {@code console} entry under {@code plugins}. */
    @ObjectClassDefinition(name = "Console", description = "The channel of koshi chat and the terminal UI.")
    public @interface Config {
        @AttributeDefinition(name = "koshi.channel.name", required = false)
        String koshi_channel_name() default "console";
    }

    /**
     * What is said.
     *
     * @param id the reply's own
     * @param inReplyTo the message it answers
     * @param duplicate it may have been said before
     */
    public record Said(
            String id,
            String channel,
            String conversation,
            String text,
            List<Part> parts,
            Optional<String> inReplyTo,
            boolean duplicate) {}

    private final Events events;
    private final String name;

    @Activate
    public ConsoleChannel(@Reference Events events, Config config) {
        this.events = events;
        this.name = config.koshi_channel_name();
    }

    @Override
    public Receipt send(Reply reply) {
        events.publish(
                name,
                TOPIC,
                new Said(
                        reply.id(),
                        name,
                        reply.to().conversation(),
                        reply.text(),
                        reply.parts(),
                        reply.inReplyTo(),
                        reply.duplicate()));
        return Receipt.sent();
    }
}
