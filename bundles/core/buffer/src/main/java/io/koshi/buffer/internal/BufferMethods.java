package io.koshi.buffer.internal;

import io.koshi.api.KoshiException;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.config.Settings;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** What a person may ask of the buffer. Thread-safe. */
@Component(name = "io.koshi.buffer.methods", service = Methods.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("buffer")
public final class BufferMethods implements Methods {
    private final DurableInbox inbox;
    private final Settings settings;

    @Activate
    public BufferMethods(@Reference DurableInbox inbox, @Reference Settings settings) {
        this.inbox = inbox;
        this.settings = settings;
    }

    record DepthOf(
            @Doc("The channel's instance name.") String channel,
            @Doc("Messages that wait to be routed.") long unrouted,

            @Doc("Age of the oldest of them, in milliseconds.")
            long oldestAgeMs) {}

    record Depths(
            @Doc("Messages that wait to be routed.") long unrouted,

            @Doc("Age of the oldest of them, in milliseconds; 0 when none waits.")
            long oldestAgeMs,

            @Doc("Dead letters.") long dead,
            @Doc("Whether more wait than buffer.warnDepth.") boolean warn,
            @Doc("The same by channel.") List<DepthOf> channels) {}

    @Rpc(value = "Tells how many messages wait to be routed.", scope = Scope.READ, quick = true)
    public Depths depth() {
        long now = System.currentTimeMillis();
        Map<String, Long> oldest = inbox.oldest();
        List<DepthOf> channels = inbox.depth().channels().stream()
                .map(one -> new DepthOf(
                        one.channel(), one.unrouted(), Math.max(0, now - oldest.getOrDefault(one.channel(), now))))
                .toList();
        long age = channels.stream().mapToLong(DepthOf::oldestAgeMs).max().orElse(0);
        return new Depths(
                inbox.depth().unrouted(),
                age,
                inbox.deadLetters().count(),
                inbox.depth().high(settings.config().buffer().warnDepth()),
                channels);
    }

    record DeadQuery(
            @Doc("At most this many.") @Default("100") @Range(min = 1, max = 1000)
            int limit,

            @Doc("Only those after this one: the next of the answer before.")
            Optional<String> after) {}

    record Dead(
            @Doc("Messages that could not be dealt with, oldest first.")
            List<DeadLetters.Letter> entries,

            @Doc("Pass it as after to read on; absent at the end.")
            Optional<String> next) {}

    @Rpc(value = "Lists the messages that could not be dealt with, oldest first.", scope = Scope.READ)
    public Dead dead(DeadQuery query) {
        List<DeadLetters.Letter> letters = inbox.deadLetters().list(position(query.after()), query.limit() + 1);
        boolean more = letters.size() > query.limit();
        List<DeadLetters.Letter> page = more ? letters.subList(0, query.limit()) : letters;
        return new Dead(
                page, more ? Optional.of(Long.toString(page.get(page.size() - 1).entry())) : Optional.empty());
    }

    record Redrive(
            @Doc("Ids of dead letters.") Optional<List<String>> ids,

            @Doc("All there are, instead of ids.") @Default("false")
            boolean all) {}

    record Redriven(@Doc("How many are routed again.") long redriven) {}

    @Rpc(value = "Sends dead letters back to be routed again.", scope = Scope.WRITE)
    public Redriven redrive(Redrive what) {
        if (what.ids().isPresent() == what.all()) {
            throw KoshiException.invalid("/ids", "give either ids or all: true");
        }
        return new Redriven(inbox.deadLetters().redrive(what.ids()));
    }

    private static long position(Optional<String> after) {
        try {
            return after.map(Long::parseLong).orElse(0L);
        } catch (NumberFormatException e) {
            throw KoshiException.invalid("/after", "pass the next of an earlier answer");
        }
    }
}
