package io.koshi.agent.internal;

import io.koshi.memory.Memories.Memory;
import io.koshi.rpc.Doc;
import io.koshi.skill.Skill;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The system prompt of a turn, put together from parts that a person can look at with {@code koshi agent prompt}; there
 * are no others. What changes least stands first, so that a model's service can keep it. Confined to its thread.
 */
final class SystemPrompt {
    /** Longest soul, core, index of skills, story and memories, in characters: together with the facts below 2 KB. */
    static final int SOUL = 600;

    static final int CORE = 300;
    static final int INDEX = 500;
    static final int STORY = 250;
    static final int MEMORIES = 300;

    /** A specialist's skill is its whole instruction. */
    static final int SKILL = 20_000;

    private static final int ONE_SKILL = 100;
    private static final int ONE_MEMORY = 150;

    private final List<Part> parts = new ArrayList<>();

    /** One part of a system prompt. */
    record Part(
            @Doc("What it is.") String name,
            @Doc("What it says.") String text) {}

    private SystemPrompt add(String name, String text) {
        if (!text.isBlank()) {
            parts.add(new Part(name, text.strip()));
        }
        return this;
    }

    SystemPrompt soul(String soul) {
        return add("soul", Words.cut(soul, SOUL));
    }

    SystemPrompt facts(String facts) {
        return add("facts", facts);
    }

    /** Names and sentences of all skills; what has no room is counted. */
    SystemPrompt index(List<Skill> skills) {
        StringBuilder index = new StringBuilder();
        int named = 0;
        for (Skill skill : skills) {
            String line = "\n- " + skill.name() + ": " + Words.oneLine(skill.description(), ONE_SKILL);
            if (index.length() + line.length() > INDEX) {
                break;
            }
            index.append(line);
            named++;
        }
        if (named == skills.size()) {
            return named == 0 ? this : add("skills", "Skills:" + index);
        }
        String rest = skills.stream().skip(named).map(Skill::name).collect(Collectors.joining(", "));
        return add("skills", "Skills:" + index + "\n- and " + Words.shortened(rest, INDEX));
    }

    /** Skills in full, that a person's words call for. */
    SystemPrompt triggered(List<Skill> skills) {
        skills.forEach(skill -> add("skill " + skill.name(), "How to do " + skill.name() + ":\n" + skill.text()));
        return this;
    }

    /** The skill a specialist works by. */
    SystemPrompt worksBy(Skill skill) {
        return add("skill " + skill.name(), Words.shortened(skill.text(), SKILL));
    }

    SystemPrompt story(String story) {
        return story.isBlank() ? this : add("story", "So far here: " + tail(story));
    }

    /** The newest sentences are at the end. */
    private static String tail(String story) {
        if (story.length() <= STORY) {
            return story;
        }
        String end = story.substring(story.length() - STORY + 1);
        return "…" + (Character.isLowSurrogate(end.charAt(0)) ? end.substring(1) : end);
    }

    /** What the hub always knows. */
    SystemPrompt core(List<Memory> memories) {
        return remembered("core", "You know:", memories, CORE);
    }

    /** What fits the words that are answered. */
    SystemPrompt memories(List<Memory> memories) {
        return remembered("memories", "You remember:", memories, MEMORIES);
    }

    private SystemPrompt remembered(String name, String head, List<Memory> memories, int most) {
        StringBuilder lines = new StringBuilder();
        for (Memory memory : memories) {
            String line = "\n- " + Words.oneLine(memory.content(), ONE_MEMORY);
            if (lines.length() + line.length() > most) {
                break;
            }
            lines.append(line);
        }
        return lines.isEmpty() ? this : add(name, head + lines);
    }

    List<Part> parts() {
        return List.copyOf(parts);
    }

    /** All parts, a blank line between them. */
    String text() {
        return parts.stream().map(Part::text).collect(Collectors.joining("\n\n"));
    }
}
