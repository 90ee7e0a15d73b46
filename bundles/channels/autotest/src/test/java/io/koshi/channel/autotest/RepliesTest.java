package io.koshi.channel.autotest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.testkit.TestPools;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RepliesTest {
    private static final Optional<String> ANY = Optional.empty();
    private static final Duration LONG = Duration.ofMinutes(5);

    private final TestPools pools = new TestPools();
    private final Replies replies = new Replies(pools, 3);

    @AfterEach
    void end() {
        replies.close();
        pools.close();
    }

    private static Response reply(String id, String conversation, String to) {
        return new Response(id, conversation, "text " + id, List.of(), Optional.of(to), false, Instant.EPOCH);
    }

    private static String id(CompletableFuture<Response> answer) throws Exception {
        return answer.get(30, TimeUnit.SECONDS).id();
    }

    private static Throwable failure(CompletableFuture<Response> answer) throws Exception {
        try {
            return new AssertionError(answer.get(30, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    @Test
    void givesTheReplyThatWasThereBeforeAnybodyWaited() throws Exception {
        replies.add(reply("r1", "main", "m1"));
        assertThat(id(replies.next(Optional.of("m1"), ANY, Duration.ZERO))).isEqualTo("r1");
    }

    @Test
    void givesAReplyToWhomeverItAnswersAndToNobodyElse() throws Exception {
        CompletableFuture<Response> second = replies.next(Optional.of("m2"), ANY, LONG);
        CompletableFuture<Response> first = replies.next(Optional.of("m1"), ANY, LONG);
        CompletableFuture<Response> other = replies.next(ANY, Optional.of("other"), LONG);
        replies.add(reply("r1", "main", "m1"));
        replies.add(reply("r2", "main", "m2"));
        assertThat(id(first)).isEqualTo("r1");
        assertThat(id(second)).isEqualTo("r2");
        assertThat(other).isNotDone();
        replies.add(reply("r3", "other", "m3"));
        assertThat(id(other)).isEqualTo("r3");
    }

    @Test
    void withoutAMessageEachReplyIsGivenOnceInItsOrder() throws Exception {
        replies.add(reply("r1", "main", "m1"));
        replies.add(reply("r2", "main", "m2"));
        assertThat(id(replies.next(ANY, ANY, LONG))).isEqualTo("r1");
        assertThat(id(replies.next(ANY, ANY, LONG))).isEqualTo("r2");
        assertThat(replies.next(ANY, ANY, LONG)).isNotDone();
    }

    @Test
    void aSecondAttemptIsNoSecondReply() throws Exception {
        replies.add(reply("r1", "main", "m1"));
        assertThat(id(replies.next(ANY, ANY, LONG))).isEqualTo("r1");
        replies.add(reply("r1", "main", "m1"));
        assertThat(replies.list(ANY)).hasSize(1);
        assertThat(replies.next(ANY, ANY, LONG)).isNotDone();
    }

    @Test
    void keepsTheNewest() {
        for (int i = 1; i <= 5; i++) {
            replies.add(reply("r" + i, "main", "m" + i));
        }
        assertThat(replies.list(ANY)).extracting(Response::id).containsExactly("r3", "r4", "r5");
        assertThat(replies.list(Optional.of("other"))).isEmpty();
    }

    @Test
    void givesUpInTimeAndTakesNoReplyAway() throws Exception {
        CompletableFuture<Response> late = replies.next(ANY, ANY, Duration.ofMillis(1));
        assertThat(failure(late)).extracting("code").isEqualTo(ErrorCode.TIMEOUT);
        replies.add(reply("r1", "main", "m1"));
        assertThat(id(replies.next(ANY, ANY, LONG))).isEqualTo("r1");
    }

    @Test
    void tellsWhoWaitsThatItEnds() throws Exception {
        CompletableFuture<Response> waiting = replies.next(ANY, ANY, LONG);
        replies.close();
        assertThat(failure(waiting)).extracting("code").isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
    }

    @Test
    void letsOnlySoManyWait() {
        for (int i = 0; i < 1000; i++) {
            replies.next(ANY, ANY, LONG);
        }
        assertThatThrownBy(() -> replies.next(ANY, ANY, LONG))
                .isInstanceOf(KoshiException.class)
                .extracting("code")
                .isEqualTo(ErrorCode.OVERLOADED);
    }
}
