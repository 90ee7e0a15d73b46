package io.koshi.channel.internal;

import io.koshi.api.Accepted;
import io.koshi.api.Address;
import io.koshi.api.ChannelState;
import io.koshi.api.Inbox;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.api.Part;
import io.koshi.api.Trust;
import io.koshi.channel.Channels;
import io.koshi.codec.Default;
import io.koshi.config.Settings;
import io.koshi.outbox.Outbox;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import io.koshi.store.Store;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Shows the channels, sends through them and takes in what a person says at a terminal. Thread-safe. */
@Component(name = "io.koshi.channel.methods", service = Methods.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("channel")
public final class ChannelMethods implements Methods {
    private final ChannelTable channels;
    private final Inbox inbox;
    private final Outbox outbox;
    private final Store store;
    private final Settings settings;

    @Activate
    public ChannelMethods(
            @Reference ChannelTable channels,
            @Reference Inbox inbox,
            @Reference Outbox outbox,
            @Reference Store store,
            @Reference Settings settings) {
        this.channels = channels;
        this.inbox = inbox;
        this.outbox = outbox;
        this.store = store;
        this.settings = settings;
    }

    public record View(
            @Doc("Its instance name.") String name,
            @Doc("The plugin it comes from.") String plugin,
            @Doc("Whether replies can go out now.") ChannelState.Link state,
            @Doc("Since when it is here.") Instant since,
            @Doc("What it says about its connection.") Optional<String> detail) {
        static View of(Channels.Info info) {
            return new View(
                    info.name(),
                    info.plugin(),
                    info.state().link(),
                    info.since(),
                    info.state().detail());
        }
    }

    public record Views(
            @Doc("The channels that are here, by name.") List<View> channels) {}

    @Rpc(value = "Lists the channels that are here.", scope = Scope.READ)
    public Views list() {
        return new Views(channels.list().stream().map(View::of).toList());
    }

    public record Which(@Doc("The channel's instance name.") String channel) {}

    @Rpc(value = "Says how a channel stands.", scope = Scope.READ)
    public View status(Which which) {
        return channels.info(which.channel()).map(View::of).orElseThrow(() -> unknown(which.channel()));
    }

    public record ToSend(
            @Doc("The channel's instance name.") String channel,
            @Doc("The conversation on it.") Optional<String> conversation,
            @Doc("The conversation, under its other name.") Optional<String> to,
            @Doc("What to say.") @Default("\"\"") String text,

            @Doc("What to say besides the text.") @Default("[]")
            List<Part> parts) {}

    public record Queued(
            @Doc("The reply's id; message.sent and message.failed carry it.")
            String id) {}

    @Rpc(value = "Sends something; answers when it is on disk and will be sent.", scope = Scope.WRITE)
    public CompletionStage<Queued> send(ToSend ask) {
        if (ask.conversation().isPresent() == ask.to().isPresent()) {
            throw KoshiException.invalid("/conversation", "name the conversation once, as conversation or as to");
        }
        if (channels.find(ask.channel()).isEmpty() && !configured(ask.channel())) {
            throw unknown(ask.channel());
        }
        Address to = Address.of(ask.channel(), ask.conversation().or(ask::to).get());
        List<Part> parts = parts(ask.text(), ask.parts());
        return store.write(tx -> new Queued(outbox.enqueue(tx, to, parts, Optional.empty(), Optional.empty())));
    }

    public record ToReceive(
            @Doc("The channel it comes in on.") @Default("\"console\"")
            String channel,

            @Doc("The conversation on it.") @Default("\"main\"")
            String conversation,

            @Doc("Who says it; by default the caller.") Optional<String> sender,
            @Doc("What is said.") @Default("\"\"") String text,

            @Doc("What is said besides the text.") @Default("[]")
            List<Part> parts,

            @Doc("The sender's own id of it; a second message with the same id has no effect.")
            Optional<String> externalId) {}

    @Rpc(value = "Takes in a message as if it came on a channel; answers when it is on disk.", scope = Scope.WRITE)
    public CompletionStage<Accepted> receive(ToReceive ask, Caller caller) {
        Message message = new Message(
                Address.of(ask.channel(), ask.conversation()),
                ask.sender().orElse(caller.name()),
                parts(ask.text(), ask.parts()),
                Map.of(),
                ask.externalId(),
                Instant.now(),
                Message.PERSON,
                caller.scopes().contains("*") ? Trust.HIGH : Trust.MEDIUM);
        return inbox.acceptAsync(message);
    }

    private static List<Part> parts(String text, List<Part> more) {
        List<Part> parts = new ArrayList<>();
        if (!text.isEmpty()) {
            parts.add(Part.text(text));
        }
        parts.addAll(more);
        if (parts.isEmpty()) {
            throw KoshiException.invalid("/text", "say something: give text or parts");
        }
        return parts;
    }

    private boolean configured(String channel) {
        return settings.config().plugins().stream().anyMatch(plugin -> channel.equals(plugin.get("name")));
    }

    private KoshiException unknown(String channel) {
        List<String> names = channels.list().stream().map(Channels.Info::name).toList();
        return KoshiException.notFound("No channel is called '" + channel + "'; "
                + (names.isEmpty() ? "none is here, add one with koshi add" : "there are " + String.join(", ", names)));
    }
}
