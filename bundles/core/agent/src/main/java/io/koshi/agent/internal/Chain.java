package io.koshi.agent.internal;

import io.koshi.config.Config;
import io.koshi.config.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The models a turn may try, in order: the one asked for or configured, then the fallbacks. */
final class Chain {
    /** What serves where no model is configured. */
    static final String OFFLINE = "offline";

    private final Settings settings;

    Chain(Settings settings) {
        this.settings = settings;
    }

    List<String> names(Optional<String> asked) {
        Config.AgentBlock agent = settings.config().agent();
        List<String> names = new ArrayList<>();
        names.add(asked.or(agent::model).orElse(OFFLINE));
        agent.fallback().stream().filter(name -> !names.contains(name)).forEach(names::add);
        return names;
    }

    /** The model of a step; the last one where the configuration has become shorter. */
    String at(Optional<String> asked, int step) {
        List<String> names = names(asked);
        return names.get(Math.min(step, names.size() - 1));
    }

    int fallbacks(Optional<String> asked) {
        return names(asked).size() - 1;
    }

    /** Whether the configuration knows a model by this name, so that it may yet come. */
    boolean expected(String name) {
        return name.equals(OFFLINE) || settings.config().models().containsKey(name);
    }
}
