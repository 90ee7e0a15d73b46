package io.koshi.skill;

import java.util.List;
import java.util.Optional;

/**
 * How to do one kind of work, in words for a model.
 *
 * @param name {@code [a-z0-9][a-z0-9-]{0,63}}
 * @param description a sentence, shown in the index of every prompt
 * @param triggers words or phrases that call for it
 * @param tools the whole tool set of a specialist that works by it; empty for one that only thinks
 * @param model a name from {@code models} for that specialist
 * @param text what it says, Markdown
 */
public record Skill(
        String name,
        String description,
        List<String> triggers,
        List<String> tools,
        Optional<String> model,
        String text,
        Source source) {
    public Skill {
        triggers = List.copyOf(triggers);
        tools = List.copyOf(tools);
    }

    /** Where it is kept; of two with one name the file wins. */
    public enum Source {
        FILE,
        DATABASE
    }
}
