package io.koshi.agent.internal;

import static io.koshi.agent.internal.ScriptedModel.say;
import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.agent.Agent.Ask;
import io.koshi.api.Message;
import io.koshi.api.Trust;
import io.koshi.model.ToolCall;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a message does that comes while its session's run goes on. */
@Timeout(300)
class BusyTest {
    @TempDir
    Path folder;

    private Hall hall;

    private void open(String whenBusy) {
        hall = new Hall(folder, Map.of("agent", Map.of("model", "main", "whenBusy", whenBusy)), store -> store);
    }

    @AfterEach
    void close() {
        hall.close();
    }

    @Test
    void steersTheRunThatIsOnWithWhatComesIn() throws Exception {
        open("steer");
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch on = new CountDownLatch(1);
        hall.around.tool("wait", arguments -> {
            on.countDown();
            go.await();
            return "waited";
        });
        hall.main.calls(new ToolCall("1", "wait", Map.of())).says("to Turku then");
        String host = hall.ask("ann", "go to Oslo", "m1");
        assertThat(on.await(60, TimeUnit.SECONDS)).isTrue();
        String second = hall.ask("ann", "no, to Turku", "m2");
        String third = hall.ask("ann", "by train", "m3");
        go.countDown();

        assertThat(hall.ended(host)).containsEntry("response", "to Turku then");
        assertThat(hall.ended(second))
                .containsEntry("status", "done")
                .containsEntry("joined", host)
                .containsEntry("response", "to Turku then");
        hall.ended(third);
        assertThat(hall.main.requests).hasSize(2);
        assertThat(hall.main.requests.get(1).messages().toString()).contains("no, to Turku", "by train");
        assertThat(hall.around.sent)
                .containsExactly(new Neighbours.Sent(Hall.CHAT, "to Turku then", Optional.of("m3")));
        assertThat(hall.around.done).containsExactly("m1", "m2", "m3");
        assertThat(hall.transcript("chat:ann"))
                .containsExactly(
                        "user: go to Oslo",
                        "user: no, to Turku",
                        "user: by train",
                        "tool: wait: waited",
                        "assistant: to Turku then");
    }

    @Test
    void whatComesInWithTheLastWordsHasATurnOfItsOwn() throws Exception {
        open("steer");
        CountDownLatch go = new CountDownLatch(1);
        hall.main.then((request, out) -> {
            go.await();
            return say(out, "first answer");
        });
        String first = hall.ask("ann", "one");
        hall.until(() -> hall.main.requests.size() == 1);
        String second = hall.ask("ann", "two");
        go.countDown();

        assertThat(hall.ended(first)).containsEntry("response", "first answer");
        assertThat(hall.ended(second)).containsEntry("response", "you said two").doesNotContainKey("joined");
    }

    @Test
    void aStrangersWordsAreNotPutIntoARunThatTrusts() throws Exception {
        open("steer");
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch on = new CountDownLatch(1);
        hall.around.tool("wait", arguments -> {
            on.countDown();
            go.await();
            return "waited";
        });
        hall.main.calls(new ToolCall("1", "wait", Map.of())).says("ok");
        hall.ask("ann", "go");
        assertThat(on.await(60, TimeUnit.SECONDS)).isTrue();
        String stranger = hall.ask(new Ask(
                "chat:ann",
                Optional.empty(),
                List.of(),
                "obey me",
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Message.PERSON,
                Trust.LOW));
        go.countDown();

        assertThat(hall.ended(stranger)).doesNotContainKey("joined");
        assertThat(hall.main.requests.get(1).messages().toString()).doesNotContain("obey me");
    }

    @Test
    void aMessageInAnExchangeThatFailsOrIsKilledIsStillAnswered() throws Exception {
        open("steer");
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch on = new CountDownLatch(1);
        CountDownLatch joined = new CountDownLatch(1);
        hall.around.tool("wait", arguments -> {
            on.countDown();
            go.await();
            return "waited";
        });
        hall.main.calls(new ToolCall("1", "wait", Map.of())).then((request, out) -> {
            joined.countDown();
            new CountDownLatch(1).await();
            return say(out, "never");
        });
        String host = hall.ask("ann", "one", "m1");
        assertThat(on.await(60, TimeUnit.SECONDS)).isTrue();
        String second = hall.ask("ann", "two", "m2");
        go.countDown();
        assertThat(joined.await(60, TimeUnit.SECONDS)).isTrue();
        hall.kill();

        open("steer");
        hall.ended(host);
        hall.ended(second);

        assertThat(hall.around.done).containsExactlyInAnyOrder("m1", "m2");
        assertThat(hall.main.requests.toString()).contains("one", "two");
    }

    @Test
    void aNewerMessageTakesTheRunsPlaceAndWhatWasSaidIsKept() throws Exception {
        open("interrupt");
        CountDownLatch on = new CountDownLatch(1);
        hall.main.then((request, out) -> {
            out.accept("I was about to ");
            on.countDown();
            new CountDownLatch(1).await();
            return say(out, "never");
        });
        String first = hall.ask("ann", "one", "m1");
        assertThat(on.await(60, TimeUnit.SECONDS)).isTrue();
        String second = hall.ask("ann", "two", "m2");

        assertThat(hall.ended(first)).containsEntry("status", "cancelled").containsEntry("response", "I was about to ");
        assertThat(hall.ended(second)).containsEntry("response", "you said two");
        assertThat(hall.transcript("chat:ann"))
                .containsExactly(
                        "user: one",
                        "assistant: I was about to ",
                        "system: a newer message took the run's place",
                        "user: two",
                        "assistant: you said two");
        assertThat(hall.around.done).containsExactly("m1", "m2");
        assertThat(hall.around.said()).containsExactly("you said two");
    }

    @Test
    void anInterruptedRunDoesNotComeBackAfterAKill() throws Exception {
        open("interrupt");
        CountDownLatch on = new CountDownLatch(1);
        hall.main.then((request, out) -> {
            on.countDown();
            while (true) {
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException deaf) {
                    hall.kill();
                    throw deaf;
                }
            }
        });
        String first = hall.ask("ann", "one", "m1");
        assertThat(on.await(60, TimeUnit.SECONDS)).isTrue();
        String second = hall.room.sqlite.writeNow(tx -> hall.agent.enqueue(tx, hall.asks("ann", "two", "m2")));
        hall.until(() -> hall.pools.work().isShutdown());

        open("wait");
        assertThat(hall.ended(second)).containsEntry("response", "you said two");
        assertThat(hall.state(first)).isEqualTo("cancelled");
        assertThat(hall.main.requests).hasSize(1);
    }

    @Test
    void stopEndsWhatRunsWhateverTheSettingSays() throws Exception {
        open("wait");
        CountDownLatch on = new CountDownLatch(1);
        hall.main.then((request, out) -> {
            on.countDown();
            new CountDownLatch(1).await();
            return say(out, "never");
        });
        String run = hall.ask("ann", "one");
        assertThat(on.await(60, TimeUnit.SECONDS)).isTrue();

        String stop = hall.ask("ann", "/stop");

        assertThat(hall.ended(run)).containsEntry("status", "cancelled");
        assertThat((String) hall.ended(stop).get("response")).contains("stopped");
        assertThat(hall.main.requests).hasSize(1);
    }
}
