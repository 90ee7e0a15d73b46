package io.koshi.skill.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.KoshiException;
import io.koshi.skill.Skill;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SkillTextTest {
    private static Skill read(String markdown) {
        return SkillText.read(markdown, Skill.Source.FILE);
    }

    @Test
    void readsEveryWayAListIsWritten() {
        Skill skill = read("""
                ---
                # a remark
                name: tea
                description: >
                  Makes tea:
                  green or black.
                triggers: ["brew tea", 'tea''s ready', pour]
                tools:
                  - read_file
                  - web_fetch
                model: local
                license: MIT
                ---

                Boil.
                ---
                Pour.
                """);
        assertThat(skill.description()).isEqualTo("Makes tea: green or black.");
        assertThat(skill.triggers()).containsExactly("brew tea", "tea's ready", "pour");
        assertThat(skill.tools()).containsExactly("read_file", "web_fetch");
        assertThat(skill.model()).contains("local");
        assertThat(skill.text()).isEqualTo("Boil.\n---\nPour.");
        assertThat(read("\uFEFF---\r\nname: a\r\ndescription: b: c\r\ntriggers: x1, y2\r\n---\r\nz")
                        .triggers())
                .containsExactly("x1", "y2");
    }

    @Test
    void readsWhatItWrites() {
        Skill skill = new Skill(
                "tea",
                "Says \"tea\" and \\ more: yes",
                List.of("a, b", "-x", "c:d"),
                List.of("read_file"),
                Optional.of("local"),
                "One\n\n---\nTwo",
                Skill.Source.FILE);
        assertThat(read(SkillText.write(skill))).isEqualTo(skill);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "---",
                "---\nname: a",
                "---\nname: a\n---\nx",
                "---\nname: a\nname: b\ndescription: c\n---\n",
                "---\n  name: a\n---\n",
                "---\nname: a\ndescription: b\ntriggers: [a\n---\n",
                "---\nname: \"a\ndescription: b\n---\n",
                "---\n: x\n---\n"
            })
    void saysTheLineThatIsWrong(String markdown) {
        assertThatThrownBy(() -> read(markdown))
                .isInstanceOf(KoshiException.class)
                .hasMessageStartingWith("line ");
    }

    @Test
    void nothingItIsGivenBreaksIt() {
        Random random = new Random(7);
        String[] bits = {
            "---", "\n", "name:", "description:", " a", "- ", "[", "]", "\"", "'", ">", "|", "\r", ":", "\u0000", "😀"
        };
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? "---\n" : "");
            for (int n = random.nextInt(20); n > 0; n--) {
                text.append(bits[random.nextInt(bits.length)]);
            }
            try {
                SkillRules.check(read(text.toString()));
            } catch (KoshiException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }
}
