package io.koshi.skill.internal;

import io.koshi.tool.Tool;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Tool {@code delete_skill}: deletes one that no file of the owner holds. Thread-safe. */
@Component(name = "io.koshi.skill.delete", service = Tool.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class DeleteSkill extends SkillTool {
    private final SkillRoom room;

    @Activate
    public DeleteSkill(@Reference SkillRoom room) {
        super(spec("delete_skill", "Deletes a skill.", Map.of("name", text(NAME)), List.of("name")), false);
        this.room = room;
    }

    @Override
    public Output run(Context context, Map<String, Object> arguments) throws Exception {
        if (room.find(name(arguments)).isEmpty()) {
            return Output.failed("Skill " + name(arguments) + " not found.");
        }
        room.delete(name(arguments), false);
        return Output.of("Deleted skill " + name(arguments) + ".");
    }
}
