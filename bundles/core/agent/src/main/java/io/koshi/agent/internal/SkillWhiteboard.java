package io.koshi.agent.internal;

import io.koshi.skill.Skills;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** Puts the skill room on the {@link SkillShelf}, whenever it comes. Thread-safe. */
@Component(
        name = "io.koshi.agent.skills.whiteboard",
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class SkillWhiteboard {
    private final SkillShelf shelf;

    @Activate
    public SkillWhiteboard(@Reference SkillShelf shelf) {
        this.shelf = shelf;
    }

    @Reference(
            service = Skills.class,
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            unbind = "remove")
    void add(Skills skills) {
        shelf.put(skills);
    }

    void remove(Skills skills) {
        shelf.remove(skills);
    }
}
