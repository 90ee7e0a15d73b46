package io.koshi.skill.internal;

import io.koshi.api.Health;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Says which skill files are broken. Thread-safe. */
@Component(name = "io.koshi.skill.health", service = Health.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class SkillHealth implements Health {
    private final SkillRoom room;

    @Activate
    public SkillHealth(@Reference SkillRoom room) {
        this.room = room;
    }

    @Override
    public Report health() {
        List<SkillFiles.Fault> faults = room.faults();
        Map<String, Object> data = Map.of("skills", room.list().size(), "broken", faults.size());
        if (faults.isEmpty()) {
            return Report.healthy("skill", "core").with(data);
        }
        SkillFiles.Fault first = faults.get(0);
        String more = faults.size() == 1 ? "" : " (and " + (faults.size() - 1) + " more)";
        return Report.degraded("skill", "core", "skills/" + first.file().getFileName() + ": " + first.error() + more)
                .with(data);
    }
}
