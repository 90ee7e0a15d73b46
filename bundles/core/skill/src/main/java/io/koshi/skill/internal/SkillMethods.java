package io.koshi.skill.internal;

import io.koshi.api.KoshiException;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import io.koshi.skill.Skill;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Shows skills and changes those in the database. Thread-safe. */
@Component(name = "io.koshi.skill.methods", service = Methods.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("skill")
public final class SkillMethods implements Methods {
    private final SkillRoom room;

    @Activate
    public SkillMethods(@Reference SkillRoom room) {
        this.room = room;
    }

    public record Listing(
            @Doc("The skills that are here, by name.") List<SkillViews.Summary> skills,
            @Doc("Files that cannot be used as they are.") List<SkillViews.Fault> errors) {}

    @Rpc(value = "Lists the skills, and the files that are broken.", scope = Scope.READ)
    public Listing list() {
        return new Listing(
                room.list().stream().map(SkillViews.Summary::of).toList(),
                room.faults().stream().map(SkillViews.Fault::of).toList());
    }

    public record Which(@Doc("The skill's name.") String name) {}

    @Rpc(value = "Gives all of a skill.", scope = Scope.READ)
    public SkillViews.Full load(Which which) {
        return SkillViews.Full.of(room.find(which.name()).orElseThrow(() -> SkillRoom.missing(which.name())));
    }

    public record Draft(
            @Doc("All of it as a file has it; the rest is not needed then.")
            Optional<String> markdown,

            @Doc("Its name: 1 to 64 of a-z 0-9 -.") Optional<String> name,
            @Doc("A sentence on what it is for.") Optional<String> description,
            @Doc("Words or phrases that call for it.") Optional<List<String>> triggers,

            @Doc("The whole tool set of a specialist that works by it.")
            Optional<List<String>> tools,

            @Doc("The model of that specialist.") Optional<String> model,
            @Doc("What it says, Markdown.") Optional<String> text) {

        /** What it makes of a skill: what it says nothing of stays as it was. */
        Skill of(Optional<Skill> before) {
            if (markdown.isPresent()) {
                return SkillText.read(markdown.get(), Skill.Source.DATABASE);
            }
            return new Skill(
                    name.orElseThrow(() -> KoshiException.invalid("/name", "is required")),
                    description.or(() -> before.map(Skill::description)).orElse(""),
                    triggers.or(() -> before.map(Skill::triggers)).orElse(List.of()),
                    tools.or(() -> before.map(Skill::tools)).orElse(List.of()),
                    model.or(() -> before.flatMap(Skill::model)).filter(word -> !word.isBlank()),
                    text.or(() -> before.map(Skill::text)).orElse(""),
                    Skill.Source.DATABASE);
        }
    }

    @Rpc(value = "Adds a skill to the database.", scope = Scope.WRITE)
    public SkillViews.Full create(Draft draft, Caller caller) {
        return SkillViews.Full.of(room.create(draft.of(Optional.empty()), caller.name()));
    }

    @Rpc(value = "Changes a skill in the database; what is not said stays.", scope = Scope.WRITE)
    public SkillViews.Full update(Draft draft) {
        String name = draft.markdown()
                .map(text -> SkillText.read(text, Skill.Source.DATABASE).name())
                .or(draft::name)
                .orElseThrow(() -> KoshiException.invalid("/name", "is required"));
        Optional<Skill> before = room.find(name);
        if (before.isEmpty()) {
            throw SkillRoom.missing(name);
        }
        return SkillViews.Full.of(room.update(draft.of(before)));
    }

    public record Deleted(@Doc("The skill that is gone.") String name) {}

    @Rpc(value = "Deletes a skill, and its file where it has one.", scope = Scope.WRITE)
    public Deleted delete(Which which) throws IOException {
        room.delete(which.name(), true);
        return new Deleted(which.name());
    }
}
