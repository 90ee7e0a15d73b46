package io.koshi.skill.internal;

import io.koshi.tool.Tool;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Tool {@code create_skill}: writes down how something is done. Thread-safe. */
@Component(name = "io.koshi.skill.create", service = Tool.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class CreateSkill extends SkillTool {
    private final SkillRoom room;

    @Activate
    public CreateSkill(@Reference SkillRoom room) {
        super(
                spec(
                        "create_skill",
                        "Writes down how a kind of work is done, for next time.",
                        fields(),
                        List.of("name", "description", "text")),
                false);
        this.room = room;
    }

    @Override
    public Output run(Context context, Map<String, Object> arguments) throws Exception {
        String name = room.create(draft(arguments).of(Optional.empty()), "run " + context.runId())
                .name();
        return Output.of("Created skill " + name + ".");
    }
}
