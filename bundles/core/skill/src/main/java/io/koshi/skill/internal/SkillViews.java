package io.koshi.skill.internal;

import io.koshi.rpc.Doc;
import io.koshi.skill.Skill;
import java.util.List;
import java.util.Optional;

/** Skills as methods show them. */
final class SkillViews {
    private SkillViews() {}

    record Summary(
            @Doc("Its name.") String name,
            @Doc("What it is for.") String description,
            @Doc("Words that call for it.") List<String> triggers,

            @Doc("The whole tool set of a specialist that works by it.")
            List<String> tools,

            @Doc("The model of that specialist.") Optional<String> model,
            @Doc("Where it is kept: file or database.") Skill.Source source) {
        static Summary of(Skill skill) {
            return new Summary(
                    skill.name(), skill.description(), skill.triggers(), skill.tools(), skill.model(), skill.source());
        }
    }

    record Fault(
            @Doc("The file in skills/.") String file,
            @Doc("What is wrong with it.") String error,

            @Doc("Whether what it said when it was good last still holds.")
            boolean serving) {
        static Fault of(SkillFiles.Fault fault) {
            return new Fault(fault.file().getFileName().toString(), fault.error(), fault.serving());
        }
    }

    record Full(
            @Doc("Its name.") String name,
            @Doc("What it is for.") String description,
            @Doc("Words that call for it.") List<String> triggers,

            @Doc("The whole tool set of a specialist that works by it.")
            List<String> tools,

            @Doc("The model of that specialist.") Optional<String> model,
            @Doc("Where it is kept: file or database.") Skill.Source source,
            @Doc("What it says, Markdown.") String text,
            @Doc("All of it, as a file has it.") String markdown) {
        static Full of(Skill skill) {
            return new Full(
                    skill.name(),
                    skill.description(),
                    skill.triggers(),
                    skill.tools(),
                    skill.model(),
                    skill.source(),
                    skill.text(),
                    SkillText.write(skill));
        }
    }
}
