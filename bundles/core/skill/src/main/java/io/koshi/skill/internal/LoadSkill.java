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

/** Tool {@code load_skill}: all that a skill says. Thread-safe. */
@Component(name = "io.koshi.skill.load", service = Tool.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class LoadSkill extends SkillTool {
    private final SkillRoom room;

    @Activate
    public LoadSkill(@Reference SkillRoom room) {
        super(spec("load_skill", "Reads all of a skill.", Map.of("name", text(NAME)), List.of("name")), true);
        this.room = room;
    }

    @Override
    public Output run(Context context, Map<String, Object> arguments) throws Exception {
        Optional<Skill> skill = room.find(name(arguments));
        return skill.map(SkillText::write)
                .map(Output::of)
                .orElseGet(() -> Output.failed("Skill " + name(arguments) + " not found."));
    }
}
