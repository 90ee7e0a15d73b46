package io.koshi.event.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.KoshiException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicPatternTest {
    @ParameterizedTest
    @CsvSource({
        "run.delta, run.delta, true",
        "run.delta, run.deltas, false",
        "*, run.delta, true",
        "run.*, run.delta, true",
        "run.*, run.a.b, true",
        "run.*, runs.delta, false",
        "run.de*, run.delta, true",
        "run.de*, run.tool, false",
        "*.failed, run.failed, true",
        "*.failed, task.failed, true",
        "*.failed, a.b.failed, false",
        "task.*.done, task.7.done, true",
        "task.*.done, task.done, false",
        "*.failed.*, run.failed.hard.now, true",
        "*.failed.x*, run.failed.hard, false",
        "a:b-c_d, a:b-c_d, true"
    })
    void matches(String pattern, String topic, boolean expected) {
        assertThat(TopicPattern.anyOf(List.of(pattern)).test(topic)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "run.*delta", "run.d*lta", "a b", "rün", "**", "a**", "run/delta"})
    void refusesWhatIsNoPattern(String pattern) {
        assertThatThrownBy(() -> TopicPattern.anyOf(List.of(pattern)))
                .isInstanceOf(KoshiException.class)
                .hasMessageContaining("topic pattern");
    }

    @Test
    void aTopicThatIsPublishedHasNoStar() {
        assertThatThrownBy(() -> TopicPattern.checkTopic("run.*")).isInstanceOf(KoshiException.class);
        assertThatThrownBy(() -> TopicPattern.checkTopic("x".repeat(257))).isInstanceOf(KoshiException.class);
        TopicPattern.checkTopic("build.done:x-1_2");
    }
}
