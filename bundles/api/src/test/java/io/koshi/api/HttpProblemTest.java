package io.koshi.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HttpProblemTest {
    @Test
    void saysTheCodeAndEscapesTheSentence() {
        HttpProblem problem = HttpProblem.of(new KoshiException(ErrorCode.NOT_FOUND, "no \"x\\y\"\n\u00e4"));
        assertThat(problem.status()).isEqualTo(404);
        assertThat(new String(problem.json(), StandardCharsets.UTF_8))
                .isEqualTo("{\"status\":404,\"code\":\"NOT_FOUND\",\"detail\":\"no \\\"x\\\\y\\\"\\u000a\u00e4\"}");
        assertThat(problem.retryAfterSeconds()).isEmpty();
    }

    @Test
    void saysWhenToTryAgain() {
        assertThat(HttpProblem.of(KoshiException.overloaded("full", Duration.ofMillis(1500)))
                        .retryAfterSeconds())
                .hasValue(1);
        assertThat(HttpProblem.of(new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "closed"))
                        .retryAfterSeconds())
                .hasValue(5);
    }

    @Test
    void blamesASlowRequestOnTheClient() {
        KoshiException slow = new KoshiException(ErrorCode.TIMEOUT, "slow");
        assertThat(HttpProblem.ofRequest(slow).status()).isEqualTo(408);
        assertThat(HttpProblem.of(slow).status()).isEqualTo(504);
    }
}
