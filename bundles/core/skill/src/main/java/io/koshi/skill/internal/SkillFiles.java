package io.koshi.skill.internal;

import io.koshi.api.KoshiException;
import io.koshi.skill.Skill;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The skills in a folder, looked at anew at each use: a file is read again when its time, size or identity has changed,
 * so nothing watches and nothing is missed. A file that is broken says so, and what it said last when it was good goes
 * on. Thread-safe.
 */
final class SkillFiles {
    private static final Logger LOG = LoggerFactory.getLogger(SkillFiles.class);
    private static final String ENDING = ".md";
    private static final int MOST = 500;

    private final Supplier<Path> folder;
    private final Map<Path, Known> known = new HashMap<>();

    /** @param folder asked at each use, so that another one in the configuration is the one that is read */
    SkillFiles(Supplier<Path> folder) {
        this.folder = folder;
    }

    /** A file's state by which a change is seen. */
    private record Stamp(Instant modified, long size, Object key) {
        /** As a record's own; the first of those in a process costs a start several milliseconds. */
        boolean same(Stamp other) {
            return size == other.size && modified.equals(other.modified) && Objects.equals(key, other.key);
        }
    }

    /**
     * @param skill what it said when it was good last
     * @param error what is wrong with it now
     */
    private record Known(Stamp stamp, Optional<Skill> skill, Optional<String> error) {}

    /** A file that cannot be used as it is; {@code serving} when what it said before is used. */
    record Fault(Path file, String error, boolean serving) {}

    /** @param skills by name, of files that are good or were */
    record Folder(Map<String, Entry> skills, java.util.List<Fault> faults) {}

    /** A skill and its file. */
    record Entry(Skill skill, Path file) {}

    synchronized Folder read() {
        Map<Path, Stamp> now = stamps();
        known.keySet().retainAll(now.keySet());
        now.forEach((file, stamp) -> {
            Known before = known.get(file);
            if (before == null || !before.stamp().same(stamp)) {
                known.put(file, read(file, stamp, Optional.ofNullable(before).flatMap(Known::skill)));
            }
        });
        Map<String, Entry> skills = new TreeMap<>();
        java.util.List<Fault> faults = new java.util.ArrayList<>();
        known.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(file -> {
            Path path = file.getKey();
            Known state = file.getValue();
            state.error()
                    .ifPresent(
                            why -> faults.add(new Fault(path, why, state.skill().isPresent())));
            state.skill().ifPresent(skill -> {
                Entry first = skills.putIfAbsent(skill.name(), new Entry(skill, path));
                if (first != null) {
                    faults.add(new Fault(
                            path,
                            "another file, " + first.file().getFileName() + ", has the name " + skill.name()
                                    + " already",
                            false));
                }
            });
        });
        return new Folder(skills, faults);
    }

    private Map<Path, Stamp> stamps() {
        Map<Path, Stamp> stamps = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.get(), "*" + ENDING)) {
            for (Path file : files) {
                BasicFileAttributes about = Files.readAttributes(file, BasicFileAttributes.class);
                if (about.isRegularFile() && stamps.size() < MOST) {
                    stamps.put(file, new Stamp(about.lastModifiedTime().toInstant(), about.size(), about.fileKey()));
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return stamps; // there are none, or one went while we looked
        } catch (IOException e) {
            LOG.warn("Cannot look into {}: {}", folder.get(), e.toString());
        }
        return stamps;
    }

    private static Known read(Path file, Stamp stamp, Optional<Skill> before) {
        String error;
        try {
            if (stamp.size() > 4L * SkillText.MAX_SIZE) {
                error = "is larger than " + SkillText.MAX_SIZE + " characters";
            } else {
                Skill skill = SkillText.read(Files.readString(file), Skill.Source.FILE);
                return new Known(stamp, Optional.of(SkillRules.check(skill)), Optional.empty());
            }
        } catch (KoshiException e) {
            error = e.getMessage();
        } catch (CharacterCodingException e) {
            error = "is no UTF-8 text";
        } catch (IOException e) {
            error = "cannot be read: " + e;
        }
        LOG.warn(
                "Skill {} is not used as it is now{}: {}",
                file,
                before.isPresent() ? "; what it said before goes on" : "",
                error);
        return new Known(stamp, before, Optional.of(error));
    }

    /** The file a skill would have. */
    Path file(String name) {
        return folder.get().resolve(name + ENDING);
    }

    void write(Path file, String text) throws IOException {
        Path directory = Files.createDirectories(folder.get());
        Path part = directory.resolve(file.getFileName() + ".part");
        Files.writeString(part, text);
        Files.move(part, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }
}
