package io.koshi.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class InsideTest {
    @Test
    void aRunOfTheOwnersLooksAndWritesDownButChangesNothingElse() {
        Caller run = Caller.admin("socket").inside("R1");

        assertThat(run.name()).isEqualTo("run:R1");
        assertThat(run.may("plugin", Scope.READ)).isTrue();
        assertThat(run.may("memory", Scope.WRITE)).isTrue();
        assertThat(run.may("task", Scope.WRITE)).isTrue();
        for (String noun : new String[] {"approval", "tool", "session", "channel", "agent", "cron", "skill"}) {
            assertThat(run.may(noun, Scope.WRITE)).as(noun).isFalse();
        }
        assertThat(run.may("hub", Scope.ADMIN)).isFalse();
        assertThat(run.may("memory", Scope.ADMIN)).isFalse();
    }

    @Test
    void aRunOfAnotherMayNoMoreThanThatOne() {
        Caller run = new Caller("token:ci", Set.of("task.admin", "session.read")).inside("R1");

        assertThat(run.scopes()).containsExactlyInAnyOrder("task.read", "task.write", "session.read");
    }
}
