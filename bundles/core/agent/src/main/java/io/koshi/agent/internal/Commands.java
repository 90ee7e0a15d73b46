package io.koshi.agent.internal;

import io.koshi.api.Trust;
import io.koshi.api.Turn;
import io.koshi.session.Sessions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Words that a person says to the hub and not to a model: {@code /clear} and the like. Those it does not know go to the
 * built-in offline model, which looks things up in the hub. Thread-safe.
 */
final class Commands {
    static final String STOP = "/stop";

    private static final Pattern WORD = Pattern.compile("/[a-z][a-z-]{0,30}(?=\\s|$)", Pattern.CASE_INSENSITIVE);
    private static final Set<String> OWN = Set.of("/clear", "/compact", "/model", "/usage", "/agents", STOP);
    private static final Duration USAGE = Duration.ofDays(7);
    private static final int SHOWN = 20;

    private final Sessions sessions;
    private final TurnQueue turns;
    private final Chain chain;
    private final ModelTable models;
    private final UsageBook usage;
    private final Briefing briefing;
    private final Compaction compaction;

    Commands(
            Sessions sessions,
            TurnQueue turns,
            Chain chain,
            ModelTable models,
            UsageBook usage,
            Briefing briefing,
            Compaction compaction) {
        this.sessions = sessions;
        this.turns = turns;
        this.chain = chain;
        this.models = models;
        this.usage = usage;
        this.briefing = briefing;
        this.compaction = compaction;
    }

    /** The command a prompt is, in lower case; empty for what is said to a model. */
    static Optional<String> word(String prompt) {
        if (!prompt.startsWith("/")) {
            return Optional.empty();
        }
        var matcher = WORD.matcher(prompt);
        return matcher.lookingAt() ? Optional.of(matcher.group().toLowerCase(Locale.ROOT)) : Optional.empty();
    }

    /** Whether the built-in model answers a turn, whatever model is configured. */
    static boolean isForOffline(StoredTurn stored) {
        return !stored.assignment().isWorker()
                && word(stored.turn().prompt())
                        .filter(word -> !OWN.contains(word))
                        .isPresent();
    }

    /** Does a command of this room's; empty when the prompt is none. */
    Optional<Command> answer(StoredTurn stored, Metered model) throws InterruptedException {
        Turn turn = stored.turn();
        Optional<String> word = word(turn.prompt()).filter(OWN::contains);
        if (stored.assignment().isWorker() || word.isEmpty()) {
            return Optional.empty();
        }
        if (turn.trust() == Trust.LOW) {
            return Optional.of(Command.says("Commands are for people this hub knows; you are not on its list."));
        }
        return Optional.of(
                switch (word.get()) {
                    case "/clear" ->
                        new Command("Forgotten; we begin anew.", tx -> sessions.clear(tx, turn.sessionKey()));
                    case "/compact" -> compact(stored, model);
                    case "/model" -> Command.says(model());
                    case "/usage" -> Command.says(usage());
                    case "/agents" -> Command.says(agents());
                    default -> Command.says("Whatever was running here is stopped.");
                });
    }

    private Command compact(StoredTurn stored, Metered model) throws InterruptedException {
        compaction.now(stored, model, briefing.past(stored.turn().sessionKey()));
        return Command.says(
                briefing.past(stored.turn().sessionKey()).summary().isEmpty()
                        ? "There is not enough here to sum up."
                        : "Summed up, with "
                                + (model.used().inputTokens() + model.used().outputTokens()) + " tokens.");
    }

    private String model() {
        List<String> names = chain.names(Chain.Wish.main());
        return "I think with " + names.get(0)
                + (names.size() > 1 ? ", else " + String.join(", ", names.subList(1, names.size())) : "")
                + ". Here now: " + String.join(", ", models.names()) + ".";
    }

    private String usage() {
        UsageBook.Sum sum = usage.total(Instant.now().minus(USAGE));
        return sum.runs() + " runs in seven days: " + sum.usage().inputTokens() + " tokens in, "
                + sum.usage().outputTokens() + " out"
                + sum.cost()
                        .map(cost -> String.format(Locale.ROOT, ", cost %.2f", cost))
                        .orElse("") + ".";
    }

    private String agents() {
        List<AgentViews.Run> open = turns.list(true, Optional.empty(), SHOWN, Optional.empty());
        return open.isEmpty()
                ? "Nobody works on anything."
                : open.stream()
                        .map(run -> run.runId() + " " + run.status() + " in " + run.sessionKey()
                                + run.skill().map(skill -> " with " + skill).orElse(""))
                        .collect(Collectors.joining("\n"));
    }
}
