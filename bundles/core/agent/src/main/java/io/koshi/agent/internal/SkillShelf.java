package io.koshi.agent.internal;

import io.koshi.skill.Skill;
import io.koshi.skill.Skills;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;

/** The skill room where there is one, and no skills where there is none; see {@link SkillWhiteboard}. Thread-safe. */
@Component(name = "io.koshi.agent.skills", service = SkillShelf.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class SkillShelf {
    private final AtomicReference<Skills> skills = new AtomicReference<>();

    @Activate
    public SkillShelf() {}

    void put(Skills room) {
        skills.set(room);
    }

    void remove(Skills room) {
        skills.compareAndSet(room, null);
    }

    List<Skill> list() {
        Skills room = skills.get();
        return room == null ? List.of() : room.list();
    }

    Optional<Skill> find(String name) {
        Skills room = skills.get();
        return room == null ? Optional.empty() : room.find(name);
    }

    /** A person the hub knows has asked for this and no skill was called for. */
    Optional<Skills.Made> asked(String words) {
        Skills room = skills.get();
        return room == null ? Optional.empty() : room.asked(words);
    }

    /** A model has written this for a skill that was made; false when it is no longer as it was. */
    boolean rewrite(Skill made, String description, String text) {
        Skills room = skills.get();
        return room != null && room.rewrite(made, description, text);
    }

    /** Those that a person's words call for, cut to size. */
    List<Skill> triggered(String words) {
        Skills room = skills.get();
        return room == null ? List.of() : room.triggered(words);
    }
}
