package io.koshi.mcp.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Registry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.osgi.framework.Version;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is answered to each message of the Model Context Protocol, whatever brought it. Thread-safe. */
final class Protocol {
    /** The newest first. */
    static final List<String> VERSIONS = List.of("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05");

    static final String WITH_BATCHES = "2025-03-26";

    /** From this one on. */
    static final String WITH_PLACES = "2025-11-25";

    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.mcp");
    private static final String INSTRUCTIONS = "A message hub. Each tool is a method of the hub and does what its"
            + " description says; conversations and memories are resources, skills are prompts.";

    private final Codec codec;
    private final Settings settings;
    private final Events events;
    private final Pools pools;
    private final String version;
    private final Guests guests;
    private final Tools tools;
    private final Resources resources;
    private final Prompts prompts;

    Protocol(
            Registry registry,
            Codec codec,
            Settings settings,
            Events events,
            Pools pools,
            Guests guests,
            Version version) {
        this.codec = codec;
        this.settings = settings;
        this.events = events;
        this.pools = pools;
        this.version = version.toString();
        this.guests = guests;
        this.tools = new Tools(registry, codec);
        this.resources = new Resources(registry, codec);
        this.prompts = new Prompts(registry, codec);
    }

    /** Begins a session by {@code initialize}. */
    Guest begin(Caller caller, Incoming ask) {
        Object wanted = ask.params().get("protocolVersion");
        return guests.welcome(caller, VERSIONS.contains(wanted) ? (String) wanted : VERSIONS.get(0));
    }

    /** The answer to {@code initialize}. */
    Map<String, Object> welcome(Guest guest, Incoming ask) {
        Map<String, Object> capabilities = new LinkedHashMap<>();
        capabilities.put("tools", Map.of("listChanged", true));
        capabilities.put("resources", Map.of("listChanged", true, "subscribe", true));
        capabilities.put("prompts", Map.of("listChanged", true));
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("protocolVersion", guest.version());
        result.put("capabilities", capabilities);
        result.put("serverInfo", Map.of("name", settings.config().name(), "version", version));
        result.put("instructions", INSTRUCTIONS);
        return ask.answer(result);
    }

    /**
     * Begins to answer a request; never fails.
     *
     * @param hears whether the client can be told how far it is
     */
    Exchange answer(Guest guest, Caller caller, Incoming ask, boolean hears) {
        Exchange exchange = new Exchange();
        try {
            if (ask.method().equals("tools/call")) {
                call(guest, caller, ask, hears, exchange);
            } else {
                end(exchange, ask, now(guest, caller, ask), null);
            }
        } catch (RuntimeException e) {
            end(exchange, ask, null, e);
        }
        return exchange;
    }

    private void call(Guest guest, Caller caller, Incoming ask, boolean hears, Exchange exchange) {
        Tools.Errand errand = tools.errand(ask);
        Optional<Object> token = ask.progressToken();
        Optional<Progress> progress = token.filter(wanted -> hears)
                .map(wanted -> new Progress(
                        events, codec, pools, Progress.Pace.USUAL, wanted, errand.runId(), exchange::progress));
        CompletableFuture<Object> work = errand.begin(caller);
        guest.runs(ask.id(), exchange, () -> {
            if (exchange.end(Optional.empty())) { // from here on nothing is said to it
                progress.ifPresent(Progress::close);
                work.cancel(true);
            }
        });
        work.whenComplete((result, failure) -> {
            progress.ifPresent(Progress::close);
            try {
                end(exchange, ask, failure == null ? tools.done(result) : tools.failed(failure), null);
            } catch (RuntimeException e) {
                end(exchange, ask, null, e);
            }
        });
    }

    private void end(Exchange exchange, Incoming ask, Object result, RuntimeException failure) {
        Map<String, Object> answer =
                failure == null ? ask.answer(result) : fault(failure).answer(ask.id());
        exchange.end(Optional.of(codec.json(answer)));
    }

    /** What a notification is for. Most tell nothing that we need to know. */
    void note(Guest guest, Incoming notice) {
        if ("notifications/cancelled".equals(notice.method())) {
            guest.callOff(notice.params().get("requestId"));
        }
    }

    private Object now(Guest guest, Caller caller, Incoming ask) {
        return switch (ask.method()) {
            case "ping" -> Map.of();
            case "tools/list" -> tools.list(caller, ask.params());
            case "resources/list" -> resources.list(caller, ask.params());
            case "resources/templates/list" -> Resources.templates();
            case "resources/read" -> resources.read(caller, ask.text("uri"));
            case "resources/subscribe" -> {
                resources.read(caller, ask.text("uri")); // only what may be read may be watched
                guest.watch(ask.text("uri"));
                yield Map.of();
            }
            case "resources/unsubscribe" -> {
                guest.watched().remove(ask.text("uri"));
                yield Map.of();
            }
            case "prompts/list" -> prompts.list(caller, ask.params());
            case "prompts/get" -> prompts.get(caller, ask);
            default -> throw new Fault(Fault.METHOD_NOT_FOUND, "Method not found: " + ask.method());
        };
    }

    static Fault fault(RuntimeException failure) {
        if (failure instanceof Fault known) {
            return known;
        }
        if (failure instanceof KoshiException known) {
            int code = known.code() == ErrorCode.INVALID_PARAMS ? Fault.INVALID_PARAMS : Fault.INTERNAL;
            return new Fault(code, known.code() + ": " + known.getMessage());
        }
        LOG.error("A message could not be answered", failure);
        return new Fault(Fault.INTERNAL, "the answer could not be made; see the log");
    }
}
