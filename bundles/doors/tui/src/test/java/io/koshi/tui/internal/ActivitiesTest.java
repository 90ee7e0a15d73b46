package io.koshi.tui.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ActivitiesTest {
    private static final String SESSION = "console:tui";

    private final Activities activities = new Activities(() -> 1000);

    private Map<String, Object> heard(String topic, Object... members) {
        Map<String, Object> payload = Words.of("x", members);
        payload.remove("type");
        payload.putIfAbsent("sessionKey", SESSION);
        payload.putIfAbsent("runId", "r1");
        return activities.heard(topic, payload).activity();
    }

    @Test
    void hasTheMembersOfTheOlderTerminalInTheirOrder() {
        heard("run.started", "model", "fake");
        assertThat(heard("run.tool", "phase", "start", "name", "read_file").keySet())
                .containsExactly(
                        "type",
                        "state",
                        "tool",
                        "elapsed",
                        "model",
                        "session",
                        "tokensIn",
                        "tokensOut",
                        "costUsd",
                        "contextTokens",
                        "contextLimit",
                        "contextPercent",
                        "agents");
    }

    @Test
    void followsARunThroughItsStates() {
        assertThat(heard("run.started", "model", "fake")).containsEntry("state", "thinking");
        assertThat(heard("run.tool", "phase", "start", "name", "list_jobs"))
                .containsEntry("state", "tool_call")
                .containsEntry("tool", "list_jobs");
        assertThat(heard("run.tool", "phase", "end", "name", "list_jobs"))
                .containsEntry("state", "thinking")
                .doesNotContainKey("tool");
        assertThat(heard("run.delta", "delta", "a")).containsEntry("state", "streaming");
        assertThat(heard("run.delta", "delta", "b")).as("still streaming").isNull();
        assertThat(heard("run.completed"))
                .containsEntry("state", "idle")
                .containsEntry("model", "fake")
                .containsEntry("elapsed", 0.0);
    }

    @Test
    void addsUpTokensAndCost() {
        Map<String, Object> usage =
                Map.of("inputTokens", 10L, "outputTokens", 3L, "cacheReadTokens", 5L, "cacheWriteTokens", 0L);
        heard("run.completed", "usage", usage, "cost", 0.25);
        assertThat(heard("run.completed", "usage", usage, "cost", 0.5, "runId", "r2"))
                .containsEntry("tokensIn", 30L)
                .containsEntry("tokensOut", 6L)
                .containsEntry("costUsd", 0.75);
        assertThat(activities.measured(SESSION, 125))
                .containsEntry("contextTokens", 125L)
                .containsEntry("contextLimit", 1000)
                .containsEntry("contextPercent", 12.5)
                .containsEntry("tokensIn", 30L);
    }

    @Test
    void showsWhoWorksForAConversationInItsOwnLine() {
        heard("run.started", "model", "fake");
        Map<String, Object> started =
                heard("run.started", "runId", "w1", "sessionKey", "worker:w1", "parentRunId", "r1", "skill", "news");
        assertThat(started)
                .containsEntry("session", SESSION)
                .containsEntry("agents", List.of(Map.of("id", "w1", "skill", "news")));
        assertThat(heard("run.delta", "runId", "w1", "sessionKey", "worker:w1", "delta", "x"))
                .as("what it says is not the conversation's")
                .containsEntry("state", "thinking");
        assertThat(heard("run.completed", "runId", "w1", "sessionKey", "worker:w1"))
                .containsEntry("agents", List.of())
                .containsEntry("session", SESSION);
    }

    @Test
    void remembersOnlySoManyWorkersWhoseEndItDidNotHear() {
        heard("run.started", "model", "fake");
        for (int i = 0; i < 3000; i++) {
            heard("run.started", "runId", "w" + i, "sessionKey", "worker:w" + i, "parentRunId", "r1");
        }
        assertThat((List<?>) activities.measured(SESSION, 1).get("agents")).hasSize(1000);
    }

    @Test
    void remembersOnlySoManyConversations() {
        for (int i = 0; i < 3000; i++) {
            heard("run.completed", "sessionKey", "console:" + i, "usage", Map.of("outputTokens", 1L));
        }
        assertThat(heard("run.started", "sessionKey", "console:0")).containsEntry("tokensOut", 0L);
        assertThat(heard("run.started", "sessionKey", "console:2999")).containsEntry("tokensOut", 1L);
    }
}
