package io.koshi.channel.autotest;

import io.koshi.api.Address;
import io.koshi.api.Channel;
import io.koshi.api.ChannelName;
import io.koshi.api.Inbox;
import io.koshi.api.Message;
import io.koshi.api.Pools;
import io.koshi.api.Receipt;
import io.koshi.api.Reply;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * Lets a test talk with the hub as a person on a platform would: it says something, through the same buffer, rules and
 * agent, and waits for the reply that answers it. Replies are kept in memory, so a stop forgets them. Thread-safe.
 */
@Component(
        name = "io.koshi.channel.autotest",
        service = {Channel.class, Methods.class},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@ChannelName("autotest")
@Namespace("autotest")
@Designate(ocd = AutotestChannel.Config.class, factory = true)
public final class AutotestChannel implements Channel, Methods {
    /** The settings of an {@code autotest} entry under {@code plugins}. */
    @ObjectClassDefinition(name = "Autotest", description = "A channel without a platform, for tests.")
    public @interface Config {
        @AttributeDefinition(name = "koshi.channel.name", required = false)
        String koshi_channel_name() default "autotest";

        @AttributeDefinition(description = "How many replies are kept.", min = "1", max = "100000", required = false)
        int keep() default 1000;
    }

    private final Inbox inbox;
    private final String name;
    private final Replies replies;

    @Activate
    public AutotestChannel(@Reference Inbox inbox, @Reference Pools pools, Config config) {
        this.inbox = inbox;
        this.name = config.koshi_channel_name();
        this.replies = new Replies(pools, config.keep());
    }

    @Deactivate
    public void close() {
        replies.close();
    }

    @Override
    public Receipt send(Reply reply) {
        replies.add(Response.of(reply));
        return Receipt.of(reply.id());
    }

    record ToSay(
            @Doc("What is said.") @Range(min = 1) String text,

            @Doc("The conversation.") @Default("\"main\"") @Range(min = 1)
            String conversation,

            @Doc("Who says it.") @Default("\"autotest\"") String sender,

            @Doc("The sender's own id of it; a second message with the same id has no effect.")
            Optional<String> externalId) {}

    record Said(
            @Doc("The message's id; its reply says inReplyTo with it.")
            String id) {}

    @Rpc(value = "Says something as a person on a platform would; answers when it is on disk.", scope = Scope.WRITE)
    public CompletionStage<Said> send(ToSay ask) {
        Message message =
                Message.of(Address.of(name, ask.conversation()), ask.text()).withSender(ask.sender());
        return inbox.acceptAsync(ask.externalId().map(message::withExternalId).orElse(message))
                .thenApply(accepted -> new Said(accepted.id()));
    }

    record Which(@Doc("Only those of this conversation.") Optional<String> conversation) {}

    record Responses(@Doc("Replies, oldest first.") List<Response> responses) {}

    @Rpc(value = "Lists what the hub has replied.", scope = Scope.READ)
    public Responses responses(Which which) {
        return new Responses(replies.list(which.conversation()));
    }

    record Awaited(
            @Doc("The message whose reply is wanted; else the oldest reply that nobody has waited for.")
            Optional<String> inReplyTo,

            @Doc("Only of this conversation.") Optional<String> conversation,

            @Doc("How long to wait.") @Default("30000") @Range(min = 0, max = 600_000)
            long timeoutMs) {}

    @Rpc(value = "Waits for a reply, or gives the one that is there.", scope = Scope.READ)
    public CompletionStage<Response> response(Awaited ask) {
        return replies.next(ask.inReplyTo(), ask.conversation(), Duration.ofMillis(ask.timeoutMs()));
    }
}
