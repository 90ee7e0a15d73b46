package io.koshi.router.internal;

import io.koshi.api.Address;
import io.koshi.api.Entry;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.api.Part;
import io.koshi.api.Problem;
import io.koshi.api.Trust;
import io.koshi.api.Ulid;
import io.koshi.buffer.Buffer;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.config.Config;
import io.koshi.config.Settings;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Shows the rules and says what they would do; writes nothing. Thread-safe. */
@Component(name = "io.koshi.router.methods", service = Methods.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("route")
public final class RouteMethods implements Methods {
    private final LiveRules rules;
    private final Buffer buffer;
    private final Settings settings;
    private final ActionTable actions;

    @Activate
    public RouteMethods(
            @Reference LiveRules rules,
            @Reference Buffer buffer,
            @Reference Settings settings,
            @Reference ActionTable actions) {
        this.rules = rules;
        this.buffer = buffer;
        this.settings = settings;
        this.actions = actions;
    }

    public record Route(
            @Doc("Its name, or #n counted from 1.") String rule,
            @Doc("What a message has to be.") Object match,
            @Doc("What is done with it.") Object action,

            @Doc("The priority its messages get; lower goes first.")
            Optional<Integer> priority) {}

    public record Routes(
            @Doc("The rules in order; the first that matches is taken.")
            List<Route> routes,

            @Doc("What happens to a message that no rule matches: forward or drop.")
            Config.Unmatched default_,

            @Doc("Actions that rooms offer now.") List<String> actions,

            @Doc("What is wrong with the rules; a rule that is wrong is left out.")
            List<Problem> problems) {}

    @Rpc(value = "Lists the routing rules in order, and the actions there are.", scope = Scope.READ)
    public Routes list() {
        Config config = settings.config();
        Object shown = settings.redacted().get("routes");
        List<Route> routes = new ArrayList<>();
        for (int i = 0; i < config.routes().size(); i++) {
            Config.RouteBlock route = config.routes().get(i);
            Map<?, ?> safe = shown instanceof List<?> list && i < list.size() && list.get(i) instanceof Map<?, ?> map
                    ? map
                    : Map.of();
            routes.add(new Route(
                    route.name().orElse("#" + (i + 1)),
                    Optional.<Object>ofNullable(safe.get("match")).orElse(Map.of()),
                    Optional.<Object>ofNullable(safe.get("action")).orElse(Map.of()),
                    route.priority()));
        }
        List<String> words = new ArrayList<>(actions.words());
        words.add(ActionReader.DROP);
        return new Routes(
                routes, config.default_(), words, RouteCheck.problems(rules.table(), config.routes(), actions));
    }

    public record Sample(
            @Doc("The channel it would come in on.") String channel,

            @Doc("The conversation on it.") @Default("\"main\"")
            String conversation,

            @Doc("Who would send it; by default the conversation's name.")
            Optional<String> sender,

            @Doc("Its words.") @Default("\"\"") String text,

            @Doc("Its fields, as a webhook's payload.") @Default("{}")
            Map<String, Object> fields,

            @Doc("10 a person's message, 50 a webhook, 100 a notification.") @Default("10") @Range(min = 0, max = 1000)
            int priority,

            @Doc("How far its author is trusted.") @Default("\"medium\"")
            Trust trust,

            @Doc("When it would be accepted; now unless told.")
            Optional<Instant> at) {
        Entry entry() {
            Instant when = at.orElseGet(Instant::now);
            Message message = new Message(
                    Address.of(channel, conversation),
                    sender.orElse(conversation),
                    text.isEmpty() ? List.of() : List.of(Part.text(text)),
                    fields,
                    Optional.empty(),
                    when,
                    priority,
                    trust);
            return new Entry(Ulid.next(), 0, message, when);
        }
    }

    public record ToExplain(
            @Doc("The id of a message the hub has.") Optional<String> id,
            @Doc("A message to make up instead.") Optional<Sample> message) {}

    public record ToTest(
            @Doc("A message to make up.") Sample message,

            @Doc("Rules to try instead of the configured ones, as under routes in koshi.yaml.")
            Optional<List<Config.RouteBlock>> routes) {}

    @Rpc(value = "Says which rule a message takes and why each earlier one does not match.", scope = Scope.READ)
    public Explanation explain(ToExplain query) {
        if (query.id().isPresent() == query.message().isPresent()) {
            throw KoshiException.invalid("", "name a message by id, or describe one as message, not both");
        }
        Entry entry = query.message()
                .map(Sample::entry)
                .orElseGet(() -> buffer.find(query.id().get())
                        .orElseThrow(() -> KoshiException.notFound(
                                "No message has the id " + query.id().get() + "; koshi trace finds ids")));
        return Explanation.of(rules.table(), entry);
    }

    @Rpc(value = "Says what rules would do with a message; nothing is done.", scope = Scope.READ)
    public Explanation test(ToTest query) {
        if (query.routes().isEmpty()) {
            return Explanation.of(rules.table(), query.message().entry());
        }
        List<Config.RouteBlock> routes = query.routes().get();
        RuleTable table = RuleTable.compile(routes, settings.config().default_());
        List<Problem> problems = RouteCheck.problems(table, routes, actions);
        if (!problems.isEmpty()) {
            Problem first = problems.get(0);
            throw new KoshiException(ErrorCode.INVALID_PARAMS, first.path() + ": " + first.problem(), problems);
        }
        return Explanation.of(table, query.message().entry());
    }
}
