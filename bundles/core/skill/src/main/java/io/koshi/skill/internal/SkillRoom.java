package io.koshi.skill.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import io.koshi.config.Config.SkillsBlock;
import io.koshi.config.Settings;
import io.koshi.skill.Skill;
import io.koshi.skill.Skills;
import io.koshi.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** All skills: those in files, and those in the database that no file is in the way of. Thread-safe. */
@Component(
        name = "io.koshi.skill",
        service = {Skills.class, SkillRoom.class},
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class SkillRoom implements Skills {
    private static final int MAX_WORDS = 20_000;

    private final Settings settings;
    private final SkillFiles files;
    private final SkillRows rows;
    private final Repetition repetition;

    @Activate
    public SkillRoom(
            @Reference Settings settings, @Reference Store store, @Reference Codec codec, @Reference Pools pools) {
        this.settings = settings;
        store.migrate("skill", SkillTables.STEPS);
        this.files = new SkillFiles(this::folder);
        this.rows = new SkillRows(store, codec);
        this.repetition = new Repetition(store, rows);
        pools.work().execute(new ShippedSkills(store, files)::seed);
    }

    /** {@code skillsPath}, relative to the configuration's file, or {@code skills} in the home. */
    private Path folder() {
        return settings.config()
                .skillsPath()
                .map(path -> settings.origin()
                        .file()
                        .toAbsolutePath()
                        .resolveSibling(path)
                        .normalize())
                .orElseGet(() -> settings.home().resolve("skills"));
    }

    @Override
    public List<Skill> list() {
        return List.copyOf(all().values());
    }

    @Override
    public Optional<Skill> find(String name) {
        return Optional.ofNullable(all().get(name));
    }

    private Map<String, Skill> all() {
        Map<String, Skill> all = new TreeMap<>(rows.all());
        files.read().skills().forEach((name, entry) -> all.put(name, entry.skill()));
        return all;
    }

    List<SkillFiles.Fault> faults() {
        return files.read().faults();
    }

    Optional<Path> file(String name) {
        return Optional.ofNullable(files.read().skills().get(name)).map(SkillFiles.Entry::file);
    }

    private record Match(Skill skill, int length) {}

    @Override
    public List<Skill> triggered(String words) {
        SkillsBlock limits = settings.config().skills();
        String text = Trigger.normal(words.length() > MAX_WORDS ? words.substring(0, MAX_WORDS) : words);
        return all().values().stream()
                .map(skill -> new Match(skill, longest(skill, text)))
                .filter(match -> match.length() > 0)
                .sorted(Comparator.comparingInt(Match::length)
                        .reversed()
                        .thenComparing(match -> match.skill().name()))
                .limit(limits.maxPerTurn())
                .map(match -> cut(match.skill(), limits.maxCharsPerSkill()))
                .toList();
    }

    /** Length of the longest trigger that stands in a text, 0 where none does. */
    private static int longest(Skill skill, String text) {
        return skill.triggers().stream()
                .filter(trigger -> Trigger.in(text, trigger))
                .mapToInt(String::length)
                .max()
                .orElse(0);
    }

    private static Skill cut(Skill skill, int most) {
        String text = skill.text();
        if (text.length() <= most) {
            return skill;
        }
        int end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
        return with(skill, text.substring(0, end));
    }

    private static Skill with(Skill skill, String text) {
        return new Skill(
                skill.name(),
                skill.description(),
                skill.triggers(),
                skill.tools(),
                skill.model(),
                text,
                skill.source());
    }

    @Override
    public Optional<Made> asked(String words) {
        return settings.config().skills().autoCreate() && triggered(words).isEmpty()
                ? repetition.asked(words, name -> find(name).isPresent())
                : Optional.empty();
    }

    @Override
    public boolean rewrite(Skill made, String description, String text) {
        Skill better = new Skill(
                made.name(), description, made.triggers(), made.tools(), made.model(), text, Skill.Source.DATABASE);
        return file(made.name()).isEmpty() && rows.replace(made, SkillRules.check(better));
    }

    /**
     * Keeps a new skill in the database.
     *
     * @throws KoshiException INVALID_PARAMS, or CONFLICT when there is one of that name
     */
    Skill create(Skill skill, String by) {
        Skill checked = SkillRules.check(skill);
        if (find(checked.name()).isPresent()) {
            throw new KoshiException(
                    ErrorCode.CONFLICT, "There is a skill " + checked.name() + " already; update or delete that");
        }
        if (!rows.add(checked, by)) {
            throw new KoshiException(
                    ErrorCode.CONFLICT, "There are " + SkillRows.MOST + " skills already; delete one first");
        }
        return checked;
    }

    /** @throws KoshiException INVALID_PARAMS, NOT_FOUND, or CONFLICT when it is in a file */
    Skill update(Skill skill) {
        Skill checked = SkillRules.check(skill);
        inNoFile(checked.name(), "change it there");
        if (!rows.replace(checked)) {
            throw missing(checked.name());
        }
        return checked;
    }

    /**
     * Deletes a skill, with its file where it has one and the caller may.
     *
     * @throws KoshiException NOT_FOUND, or CONFLICT when it is in a file the caller may not delete
     */
    void delete(String name, boolean files) throws IOException {
        Optional<Path> file = file(name);
        if (!files) {
            inNoFile(name, "its owner deletes it there");
        }
        if (file.isPresent()) {
            Files.deleteIfExists(file.get());
        } else if (!rows.remove(name)) {
            throw missing(name);
        }
    }

    private void inNoFile(String name, String then) {
        file(name).ifPresent(file -> {
            throw new KoshiException(
                    ErrorCode.CONFLICT, "Skill " + name + " is the file skills/" + file.getFileName() + "; " + then);
        });
    }

    static KoshiException missing(String name) {
        return KoshiException.notFound("No skill is called '" + name + "'; skill.list names them");
    }
}
