package io.koshi.agent.internal;

import io.koshi.agent.internal.AgentResults.Result;
import io.koshi.agent.internal.Spawning.Work;
import io.koshi.api.Address;
import io.koshi.api.KoshiException;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import io.koshi.session.Sessions;
import io.koshi.store.Store;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** The methods of {@code agent} that give work out and show what came of it. */
@Component(
        name = "io.koshi.agent.work.methods",
        service = Methods.class,
        configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("agent")
public final class WorkMethods implements Methods {
    private final Spawning spawning;
    private final TurnRoom room;
    private final Store store;

    @Activate
    public WorkMethods(@Reference Spawning spawning, @Reference TurnRoom room, @Reference Store store) {
        this.spawning = spawning;
        this.room = room;
        this.store = store;
    }

    record SpawnParams(
            @Doc("A task that waits; or give task.") Optional<String> taskId,

            @Doc("What is to be done.") @Range(min = 1, max = 1_000_000)
            Optional<String> task,

            @Doc("The skill to work by; it has exactly that one's tools.")
            Optional<String> skill,

            @Doc("What is known about it; [agent_result:ID] stands for an earlier result of the session.")
            @Range(max = 1_000_000)
            Optional<String> context,

            @Doc("A name from models; else the skill's own, agent.subAgentModel or agent.model.")
            Optional<String> model,

            @Doc("Lower goes first.") @Default("10") @Range(min = 0, max = 1000)
            int priority,

            @Doc("The session that is told how it ended; nobody unless told, but of a failure the owner.")
            @Range(min = 1, max = 1024)
            Optional<String> sessionKey,

            @Doc("That session's answer also goes to its conversation on this channel.")
            Optional<String> channel) {}

    record Spawned(
            @Doc("The task it works on.") String taskId,
            @Doc("The specialist's run.") String runId,
            @Doc("Its own session.") String sessionKey) {}

    @Rpc(
            value = "Has a specialist work on a task beside all conversations; answered when it is on disk.",
            scope = Scope.WRITE)
    public CompletionStage<Spawned> spawn(SpawnParams params, Caller caller) {
        if (params.taskId().isPresent() == params.task().isPresent()) {
            throw KoshiException.invalid("/task", "give either task or taskId");
        }
        params.sessionKey().ifPresent(Sessions::checkedKey);
        Work asked = new Work(
                params.taskId(),
                params.task().orElse(""),
                params.skill(),
                params.context(),
                params.model(),
                params.priority(),
                params.sessionKey(),
                params.sessionKey()
                        .flatMap(key ->
                                params.channel().map(channel -> Address.of(channel, AgentMethods.conversation(key)))),
                Optional.empty(),
                AgentMethods.trustOf(caller));
        return spawning.give(spawning.known(asked))
                .thenApply(given -> new Spawned(given.taskId(), given.runId(), given.sessionKey()));
    }

    record ResultsQuery(
            @Doc("Only results of work this session gave out.")
            Optional<String> sessionKey,

            @Doc("Only results of this task.") Optional<String> taskId,

            @Doc("Only those its session has not read.") @Default("false")
            boolean unprocessed,

            @Doc("At most this many.") @Default("20") @Range(min = 1, max = 500)
            int limit,

            @Doc("Only results older than this one.") Optional<Long> before) {}

    record ResultList(
            @Doc("Results, the newest first.") List<Result> results,
            @Doc("Give this as before for the next page.") Optional<Long> next) {}

    @Rpc(value = "Lists what came of work that was given out, the newest first.", scope = Scope.READ)
    public ResultList results(ResultsQuery query) {
        List<Result> results = room.results()
                .list(query.sessionKey(), query.taskId(), query.unprocessed(), query.limit(), query.before());
        Optional<Long> next = results.size() < query.limit()
                ? Optional.empty()
                : Optional.of(results.get(results.size() - 1).id());
        return new ResultList(results, next);
    }

    record Registration(
            @Doc("The agent's own name.") @Range(min = 1, max = 128)
            String agentId,

            @Doc("What sort of agent it is.") @Range(max = 128)
            Optional<String> profile,

            @Doc("What it can do.") @Default("[]") @Range(max = 100)
            List<String> capabilities) {}

    record Registered(@Doc("As it is kept.") RegisteredAgents.Agent agent) {}

    @Rpc(value = "Registers an agent outside the hub by its name; again to change what it can do.", scope = Scope.WRITE)
    public Registered register(Registration ask) {
        return new Registered(new RegisteredAgents(store).put(ask.agentId(), ask.profile(), ask.capabilities()));
    }
}
