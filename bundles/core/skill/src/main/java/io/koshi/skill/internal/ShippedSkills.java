package io.koshi.skill.internal;

import io.koshi.store.Store;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The skills a first start puts into the home, for its owner to change. Each is put there once, and only where no file is
 * in its way: one that was deleted stays away.
 */
record ShippedSkills(Store store, SkillFiles files) {
    static final List<String> NAMES = List.of("code-review", "daily-summary", "morning-briefing", "research");

    private static final Logger LOG = LoggerFactory.getLogger(ShippedSkills.class);

    void seed() {
        Set<String> seeded =
                Set.copyOf(store.read(tx -> tx.query("SELECT name FROM skill_seed", row -> row.text("name"))));
        List<String> fresh =
                NAMES.stream().filter(name -> !seeded.contains(name)).toList();
        if (fresh.isEmpty()) {
            return;
        }
        try {
            for (String name : fresh) {
                Path file = files.file(name);
                if (!Files.exists(file)) {
                    files.write(file, text(name));
                }
            }
        } catch (IOException e) {
            LOG.warn("The shipped skills could not be put into the home; the next start tries again: {}", e.toString());
            return;
        }
        store.writeNow(tx -> {
            fresh.forEach(name -> tx.update("INSERT OR IGNORE INTO skill_seed (name) VALUES (?)", name));
            return null;
        });
    }

    static String text(String name) throws IOException {
        try (InputStream text = ShippedSkills.class.getResourceAsStream("/skills/" + name + ".md")) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
