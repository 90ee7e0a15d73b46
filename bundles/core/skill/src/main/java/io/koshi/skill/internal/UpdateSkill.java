package io.koshi.skill.internal;

import io.koshi.skill.Skill;
import io.koshi.tool.Tool;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Tool {@code update_skill}: changes how something is done; what is not said stays. Thread-safe. */
@Component(name = "io.koshi.skill.update", service = Tool.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class UpdateSkill extends SkillTool {
    private final SkillRoom room;

    @Activate
    public UpdateSkill(@Reference SkillRoom room) {
        super(
                spec("update_skill", "Changes a skill; what is not given stays as it was.", fields(), List.of("name")),
                false);
        this.room = room;
    }

    @Override
    public Output run(Context context, Map<String, Object> arguments) throws Exception {
        Optional<Skill> before = room.find(name(arguments));
        if (before.isEmpty()) {
            return Output.failed("Skill " + name(arguments) + " not found.");
        }
        return Output.of(
                "Updated skill " + room.update(draft(arguments).of(before)).name() + ".");
    }
}
