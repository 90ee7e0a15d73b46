package io.koshi.agent.internal;

import io.koshi.agent.Agent.Ask;
import io.koshi.agent.internal.AgentViews.Completed;
import io.koshi.agent.internal.AgentViews.Run;
import io.koshi.api.Address;
import io.koshi.api.Blobs;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.api.Part;
import io.koshi.api.Trust;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.config.Settings;
import io.koshi.model.Tokens;
import io.koshi.model.ToolSpec;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import io.koshi.store.Store;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The methods of {@code agent}. */
@Component(name = "io.koshi.agent.methods", service = Methods.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("agent")
public final class AgentMethods implements Methods {
    private static final Logger LOG = LoggerFactory.getLogger(AgentMethods.class);

    private final TurnRoom room;
    private final Store store;
    private final Settings settings;
    private final ModelTable models;
    private final Blobs blobs;

    @Activate
    public AgentMethods(
            @Reference TurnRoom room,
            @Reference Store store,
            @Reference Settings settings,
            @Reference ModelTable models,
            @Reference Blobs blobs) {
        this.room = room;
        this.store = store;
        this.settings = settings;
        this.models = models;
        this.blobs = blobs;
    }

    record RunParams(
            @Doc("The session it belongs to: channel:conversation, or any name.") @Range(min = 1, max = 1024)
            String sessionKey,

            @Doc("What is asked.") @Range(min = 1, max = 1_000_000)
            String task,

            @Doc("A name from models; the configured one unless told.")
            Optional<String> model,

            @Doc("Blobs that go with it.") @Default("[]") @Range(max = 20)
            List<Image> images,

            @Doc("The answer also goes to the session's conversation on this channel.")
            Optional<String> channel,

            @Doc("An id of your own for the run, to know its events by from the first on: a new ULID.")
            @Range(min = 26, max = 26)
            Optional<String> runId) {}

    record Image(
            @Doc("The reference the blob store gave.") Optional<String> ref,
            @Doc("Or the bytes themselves.") Optional<byte[]> data,
            @Doc("For example image/png.") String mediaType,

            @Doc("Bytes, where a reference is given.") @Default("0")
            long size) {}

    @Rpc(
            value = "Runs a turn and answers when it has ended; a caller that goes away does not end it.",
            scope = Scope.WRITE,
            name = "run")
    public CompletableFuture<Completed> run(RunParams params, Caller caller) {
        params.model().ifPresent(this::known);
        params.runId().ifPresent(AgentMethods::ulid);
        Ask ask = new Ask(
                params.sessionKey(),
                params.channel().map(channel -> Address.of(channel, conversation(params.sessionKey()))),
                List.of(),
                params.task(),
                params.images().stream().map(this::part).toList(),
                params.model(),
                Optional.empty(),
                Message.PERSON,
                trustOf(caller));
        CompletableFuture<Completed> done = new CompletableFuture<>();
        CompletableFuture<String> kept = store.write(
                tx -> room.enqueue(tx, ask, params.runId(), Assignment.MAIN, Optional.empty(), Optional.of(done)));
        CompletableFuture<Completed> answer = kept.thenCompose(runId -> done);
        answer.whenComplete((completed, failure) -> {
            if (answer.isCancelled()) {
                kept.thenAccept(room::abort); // called off, not merely left
            }
        });
        return answer;
    }

    private static void ulid(String runId) {
        if (!runId.matches("[0-7][0-9A-HJKMNP-TV-Z]{25}")) {
            throw KoshiException.invalid("/runId", "is a ULID, 26 characters of 0-9 and A-Z without I, L, O and U");
        }
    }

    static Trust trustOf(Caller caller) {
        return caller.scopes().contains("*") ? Trust.HIGH : Trust.MEDIUM;
    }

    private Part part(Image image) {
        if (image.ref().isPresent() == image.data().isPresent()) {
            throw KoshiException.invalid("/images", "an image has either ref or data");
        }
        long size = image.data().map(bytes -> (long) bytes.length).orElse(image.size());
        try {
            String ref = image.ref().isPresent()
                    ? image.ref().get()
                    : blobs.put(new ByteArrayInputStream(image.data().orElseThrow()));
            return new Part.Blob(ref, image.mediaType(), Optional.empty(), size);
        } catch (IOException e) {
            throw new KoshiException(
                    ErrorCode.SERVICE_UNAVAILABLE, "the image could not be kept: " + e.getMessage(), e);
        }
    }

    private void known(String model) {
        if (!settings.config().models().containsKey(model) && models.find(model).isEmpty()) {
            throw KoshiException.invalid(
                    "/model", "there is no model '" + model + "'; there are " + String.join(", ", models.names()));
        }
    }

    static String conversation(String sessionKey) {
        return sessionKey.substring(sessionKey.indexOf(':') + 1);
    }

    record AbortParams(
            @Doc("The run to end.") Optional<String> runId,
            @Doc("Or every run of this session.") Optional<String> sessionKey,
            @Doc("Why, for the log.") @Range(max = 500) Optional<String> reason) {}

    record Aborted(
            @Doc("The runs that were told to end.") List<String> runIds,
            @Doc("Whether there was one.") boolean aborted) {}

    @Rpc(value = "Ends a run, or all runs of a session, queued or running.", scope = Scope.WRITE)
    public Aborted abort(AbortParams params) {
        if (params.runId().isPresent() == params.sessionKey().isPresent()) {
            throw KoshiException.invalid("", "give either runId or sessionKey");
        }
        List<String> runIds = params.runId()
                .map(List::of)
                .orElseGet(() -> room.turns().open(params.sessionKey().orElseThrow()));
        List<String> aborted = runIds.stream().filter(room::abort).toList();
        LOG.info("aborted {}: {}", aborted, params.reason().orElse("no reason given"));
        return new Aborted(aborted, !aborted.isEmpty());
    }

    record StatusParams(
            @Doc("Only this run, ended ones too.") Optional<String> runId,
            @Doc("Only runs of this session.") Optional<String> sessionKey) {}

    record Status(
            @Doc("Runs that are on.") int active,
            @Doc("Runs that wait.") long queued,
            @Doc("How many may be on at a time.") int maxConcurrent,
            @Doc("The models that are here.") List<String> models,
            @Doc("Ids of the runs below that are on.") List<String> activeRuns,

            @Doc("Runs that have not ended, the newest first.")
            List<Run> runs) {}

    @Rpc(value = "Shows what is running and what waits.", scope = Scope.READ)
    public Status status(StatusParams params) {
        List<Run> runs = params.runId().isPresent()
                ? room.turns().one(params.runId().get()).stream().toList()
                : room.turns().list(true, params.sessionKey(), 100, Optional.empty());
        return new Status(
                room.dispatcher().running().size(),
                room.turns().queued(),
                settings.config().agents().maxConcurrent(),
                models.names(),
                runs.stream()
                        .filter(run -> run.status().equals("running"))
                        .map(Run::runId)
                        .toList(),
                runs);
    }

    record ListParams(
            @Doc("Only runs of this session.") Optional<String> sessionKey,

            @Doc("At most this many.") @Default("50") @Range(min = 1, max = 1000)
            int limit,

            @Doc("Only runs older than this one.") Optional<String> before) {}

    record Runs(
            @Doc("Runs, the newest first.") List<Run> runs,

            @Doc("Agents from outside that have registered.")
            List<RegisteredAgents.Agent> agents,

            @Doc("Give this as before for the next page.") Optional<String> next) {}

    @Rpc(value = "Lists runs, the newest first.", scope = Scope.READ)
    public Runs list(ListParams params) {
        List<Run> runs = room.turns().list(false, params.sessionKey(), params.limit(), params.before());
        Optional<String> next = runs.size() < params.limit()
                ? Optional.empty()
                : Optional.of(runs.get(runs.size() - 1).runId());
        return new Runs(runs, new RegisteredAgents(store).list(), next);
    }

    record PromptParams(
            @Doc("What a person would say.") @Default("\"\"") @Range(max = 1_000_000)
            String text,

            @Doc("The session it would be said in.") @Default("\"console:main\"")
            String sessionKey,

            @Doc("The prompt of a specialist with this skill instead.")
            Optional<String> skill) {}

    record Prompt(
            @Doc("The whole system prompt.") String system,
            @Doc("What it is made of.") List<SystemPrompt.Part> parts,
            @Doc("UTF-8 bytes of it.") int bytes,

            @Doc("Tokens of it and of all messages, estimated.")
            int tokens,

            @Doc("How many messages the model would be given.")
            int messages,

            @Doc("Tools it would be offered.") List<String> tools,
            @Doc("Models it would be asked of, in order.") List<String> models) {}

    @Rpc(value = "Shows what a model would be told if this were said now; nothing is run.", scope = Scope.READ)
    public Prompt prompt(PromptParams params) {
        Assignment assignment =
                params.skill().isPresent() ? Assignment.worker(params.skill(), Optional.empty()) : Assignment.MAIN;
        Brief brief = room.briefing().brief(StoredTurn.imagined(params.sessionKey(), params.text(), assignment));
        String system = brief.request().system();
        int tokens = Tokens.of(system)
                + brief.request().messages().stream()
                        .mapToInt(message -> Tokens.of(message.toString()))
                        .sum();
        return new Prompt(
                system,
                brief.parts(),
                system.getBytes(StandardCharsets.UTF_8).length,
                tokens,
                brief.request().messages().size(),
                brief.request().tools().stream().map(ToolSpec::name).toList(),
                room.chain().names(new Chain.Wish(Optional.empty(), assignment.isWorker(), params.skill())));
    }
}
