package io.koshi.agent.internal;

import io.koshi.config.Config;
import io.koshi.config.Settings;
import io.koshi.skill.Skill;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The models a turn may try, in order: the one asked for, else that of a specialist's skill, else {@code
 * agent.subAgentModel} for specialists, else {@code agent.model}; then the fallbacks. Models that failed lately are passed
 * over while another is left. Thread-safe.
 */
final class Chain {
    /** What serves where no model is configured. */
    static final String OFFLINE = "offline";

    private final Settings settings;
    private final SkillShelf skills;
    private final Cooldowns cooldowns;

    Chain(Settings settings, SkillShelf skills, Cooldowns cooldowns) {
        this.settings = settings;
        this.skills = skills;
        this.cooldowns = cooldowns;
    }

    /** Whose model it is. */
    record Wish(Optional<String> asked, boolean worker, Optional<String> skill) {
        static Wish of(StoredTurn stored) {
            return new Wish(
                    stored.turn().model(),
                    stored.assignment().isWorker(),
                    stored.assignment().skill());
        }

        static Wish of(TurnQueue.Head head) {
            return new Wish(head.model(), head.worker(), head.skill());
        }

        /** The main agent's own. */
        static Wish main() {
            return new Wish(Optional.empty(), false, Optional.empty());
        }
    }

    List<String> names(Wish wish) {
        Config.AgentBlock agent = settings.config().agent();
        List<String> names = new ArrayList<>();
        names.add(wish.asked()
                .or(() -> wish.worker() ? specialists(wish, agent) : Optional.empty())
                .or(agent::model)
                .orElse(OFFLINE));
        agent.fallback().stream().filter(name -> !names.contains(name)).forEach(names::add);
        return names;
    }

    private Optional<String> specialists(Wish wish, Config.AgentBlock agent) {
        return wish.skill().flatMap(skills::find).flatMap(Skill::model).or(agent::subAgentModel);
    }

    /** The model of a step; the last one where the configuration has become shorter. */
    String at(Wish wish, int step) {
        List<String> names = names(wish);
        return names.get(Math.min(step, names.size() - 1));
    }

    /** The step to begin with, which is not before {@code step}: the first one whose model does not rest, if there is one. */
    int from(Wish wish, int step) {
        List<String> names = names(wish);
        for (int next = step; next < names.size(); next++) {
            if (!cooldowns.rests(names.get(next))) {
                return next;
            }
        }
        return step;
    }

    int fallbacks(Wish wish) {
        return names(wish).size() - 1;
    }

    Cooldowns cooldowns() {
        return cooldowns;
    }

    /** Whether the configuration knows a model by this name, so that it may yet come. */
    boolean expected(String name) {
        return name.equals(OFFLINE) || settings.config().models().containsKey(name);
    }
}
