package io.koshi.skill.internal;

import io.koshi.skill.Skill;
import io.koshi.tool.Tool;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Tool {@code list_skills}: what skills there are. Thread-safe. */
@Component(name = "io.koshi.skill.list", service = Tool.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class ListSkills extends SkillTool {
    private final SkillRoom room;

    @Activate
    public ListSkills(@Reference SkillRoom room) {
        super(spec("list_skills", "Lists the skills: what the hub knows how to do.", Map.of(), List.of()), true);
        this.room = room;
    }

    @Override
    public Output run(Context context, Map<String, Object> arguments) throws Exception {
        List<Skill> skills = room.list();
        if (skills.isEmpty()) {
            return Output.of("No skills.");
        }
        return Output.of(skills.stream()
                .map(skill -> "- " + skill.name() + ": " + skill.description())
                .collect(Collectors.joining("\n")));
    }
}
