package io.koshi.frame.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.koshi.api.KoshiException;
import io.koshi.auth.Auth;
import io.koshi.auth.Knock;
import io.koshi.auth.WebSession;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.event.internal.EventBus;
import io.koshi.event.internal.EventMethods;
import io.koshi.frame.Form;
import io.koshi.frame.Guest;
import io.koshi.frame.Line;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Method;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import io.koshi.rpc.internal.Switchboard;
import io.koshi.testkit.TestPools;
import io.koshi.testkit.TestSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class FrameMachineTest {
    private static final Caller ADMIN = Caller.admin("admin");

    private final RecordCodec codec = new RecordCodec();
    private final TestPools pools = new TestPools();
    private final EventBus events = new EventBus(pools);
    private final Switchboard board = new Switchboard(pools, codec);
    private final AtomicInteger stirred = new AtomicInteger();
    private final List<Runnable> revocations = new ArrayList<>();
    private FrameMachine machine;

    @Namespace("hub")
    static final class Core implements Methods {
        @Rpc(value = "Echoes.", scope = Scope.READ, quick = true)
        public Map<String, Object> now() {
            return Map.of("now", 1L);
        }
    }

    /** One client. */
    private final class Client {
        final TestLine line = new TestLine(codec);
        final Guest guest;
        final Form form;

        Client(Caller caller, Form form) {
            this.form = form;
            guest = machine.open(caller, "test", line, any -> stirred.incrementAndGet());
        }

        void send(Map<String, ?> frame) {
            guest.take(form, form == Form.JSON ? codec.json(frame) : codec.cbor(frame));
            guest.settle();
        }

        void ask(String id, String method, Map<String, ?> params) {
            send(frame("type", "req", "id", id, "method", method, "params", params));
        }

        Map<?, ?> call(String method, Map<String, ?> params) throws InterruptedException {
            ask("c", method, params);
            return line.next();
        }

        /** Answers the next call with what it was asked. */
        Map<?, ?> serve() throws InterruptedException {
            Map<?, ?> call = line.next();
            send(frame("type", "res", "id", call.get("id"), "ok", true, "payload", call.get("params")));
            return call;
        }
    }

    private static Map<String, Object> frame(Object... pairs) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put((String) pairs[i], pairs[i + 1]);
        }
        return map;
    }

    @BeforeEach
    void open() {
        machine = machine(Limits.USUAL, board::offer);
        board.core(new Core());
        board.core(new EventMethods(events, codec));
        board.core(new GatewayMethods(machine, board.registry()));
    }

    private FrameMachine machine(Limits limits, Function<Method, Runnable> offering) {
        return new FrameMachine(
                board.registry(),
                events,
                codec,
                new Watch(),
                new TestSettings(Path.of("none"), codec, Map.of("gateway", Map.of("maxFrame", 1L << 20))),
                limits,
                offering);
    }

    @AfterEach
    void close() {
        pools.close();
    }

    private Client service(String name, String... methods) throws InterruptedException {
        Client service = new Client(ADMIN, Form.JSON);
        Map<?, ?> answer =
                service.call("gateway.register", Map.of("service", name, "version", "1", "methods", List.of(methods)));
        assertThat(answer.get("ok")).as("%s", answer).isEqualTo(true);
        return service;
    }

    @Test
    void aServiceAnswersForTheHubAndGetsTheRoutingTable() throws Exception {
        Client service = new Client(ADMIN, Form.JSON);
        Map<?, ?> routes = (Map<?, ?>) service.call(
                        "gateway.register",
                        Map.of("service", "sums", "methods", List.of("sums.add"), "events", List.of("sums.done")))
                .get("payload");
        assertThat(routes.get("services")).isEqualTo(List.of("sums"));
        assertThat(routes.get("methods")).asList().contains("hub.now", "sums.add");
        assertThat(routes.get("events")).isEqualTo(List.of("sums.done"));
        Client caller = new Client(ADMIN, Form.JSON);
        caller.ask("mine", "sums.add", Map.of("a", 1L));
        Map<?, ?> call = service.serve();
        assertThat(call.get("type")).isEqualTo("req");
        assertThat(call.get("target")).isEqualTo("sums");
        assertThat(call.get("method")).isEqualTo("sums.add");
        assertThat(caller.line.next())
                .isEqualTo(Map.of("type", "res", "id", "mine", "ok", true, "payload", Map.of("a", 1L)));
    }

    @Test
    void twoCallersWithOneIdNeverMeet() throws Exception {
        Client service = service("sums", "sums.add");
        Client one = new Client(ADMIN, Form.JSON);
        Client other = new Client(ADMIN, Form.CBOR);
        one.ask("1", "sums.add", Map.of("from", "one"));
        other.ask("1", "sums.add", Map.of("from", "other"));
        Map<?, ?> first = service.line.next();
        Map<?, ?> second = service.line.next();
        assertThat(first.get("id")).isNotEqualTo(second.get("id"));
        for (Map<?, ?> call : List.of(second, first)) { // answered the other way round
            service.send(frame("type", "res", "id", call.get("id"), "ok", true, "payload", call.get("params")));
        }
        assertThat(one.line.next().get("payload")).isEqualTo(Map.of("from", "one"));
        assertThat(other.line.next().get("payload")).isEqualTo(Map.of("from", "other"));
        assertThat(other.line.form).isEqualTo(Form.CBOR);
    }

    @Test
    void aPayloadPassesByteForByte() throws Exception {
        Client service = service("sums", "sums.add");
        Client caller = new Client(ADMIN, Form.JSON);
        String odd = "{ \"b\":1.0, \"a\" : \"\\u0041\", \"n\": 123456789012345678901234567890 }";
        String request = "{\"type\":\"req\",\"id\":\"1\",\"method\":\"sums.add\",\"params\":" + odd + "}";
        List<byte[]> sent = new ArrayList<>();
        Guest raw = machine.open(ADMIN, "test", new Spy(sent), any -> {});
        raw.take(
                Form.JSON,
                codec.json(frame(
                        "type",
                        "req",
                        "id",
                        "r",
                        "method",
                        "gateway.register",
                        "params",
                        Map.of("service", "raw", "methods", List.of("raw.take")))));
        raw.settle();
        caller.guest.take(Form.JSON, request.replace("sums.add", "raw.take").getBytes(UTF_8));
        caller.guest.settle();
        assertThat(new String(sent.get(sent.size() - 1), UTF_8)).contains("\"params\":" + odd);
        assertThat(service.line.silent()).isTrue();
    }

    @Test
    void whenAServiceGoesItsCallersAreToldAtOnceAndEverybodyHears() throws Exception {
        Client service = service("sums", "sums.add");
        Client caller = new Client(ADMIN, Form.JSON);
        caller.call("gateway.subscribe", Map.of("topics", List.of("service.*")));
        caller.ask("1", "sums.add", Map.of());
        service.line.next();
        service.guest.close();
        List<Map<?, ?>> heard = List.of(caller.line.next(), caller.line.next());
        assertThat(heard).anySatisfy(frame -> assertError(frame, "1", "SERVICE_UNAVAILABLE"));
        assertThat(heard).anySatisfy(frame -> {
            assertThat(frame.get("event")).isEqualTo("service.disconnected");
            assertThat(frame.get("source")).isEqualTo("gateway");
            assertThat(frame.get("payload")).isEqualTo(Map.of("service", "sums"));
        });
        assertError(caller.call("sums.add", Map.of()), "c", "NO_HANDLER");
    }

    @Test
    void anEarlierOwnerOfAMethodGetsItBack() throws Exception {
        Client first = service("first", "sums.add");
        Client second = service("second", "sums.add");
        Client caller = new Client(ADMIN, Form.JSON);
        caller.ask("1", "sums.add", Map.of());
        second.serve();
        caller.line.next();
        second.guest.close();
        caller.ask("2", "sums.add", Map.of());
        first.serve();
        assertThat(caller.line.next().get("ok")).isEqualTo(true);
    }

    @Test
    void theHubsOwnNamesAreRefused() throws Exception {
        Client service = new Client(ADMIN, Form.JSON);
        assertError(
                service.call("gateway.register", Map.of("service", "bad", "methods", List.of("bad.good", "hub.now"))),
                "c",
                "REGISTER_FAILED");
        assertError(service.call("bad.good", Map.of()), "c", "NO_HANDLER");
        for (Object params : List.of(
                Map.of(),
                Map.of("service", ""),
                Map.of("service", "x y"),
                Map.of("service", "a", "methods", "b.c"),
                Map.of("service", "a", "methods", List.of(1)),
                Map.of("service", "a", "methods", Arrays.asList("b.c", null)),
                Map.of("service", "a", "events", Arrays.asList("b.c", null)),
                Map.of("service", "a", "methods", List.of("nodot")),
                Map.of("service", "a", "methods", List.of("b.c", "b.c")),
                Map.of("service", "a", "methods", List.of(Map.of("name", "b.c", "scope", "god"))),
                Map.of("service", "a", "colour", "green"))) {
            service.send(frame("type", "req", "id", "c", "method", "gateway.register", "params", params));
            assertError(service.line.next(), "c", "INVALID_PARAMS");
        }
    }

    @Test
    void aServiceThatDoesNotAnswerInTimeIsATimeoutAndItsLateAnswerIsNobodys() throws Exception {
        Client service = service("slow", "slow.wait");
        Client caller = new Client(ADMIN, Form.JSON);
        caller.send(frame("type", "req", "id", "1", "method", "slow.wait", "deadlineMs", 50L));
        Map<?, ?> call = service.line.next();
        assertError(caller.line.next(), "1", "TIMEOUT");
        await().until(() -> machine.services().iterator().next().pending() == 0);
        service.send(frame("type", "res", "id", call.get("id"), "ok", true));
        assertThat(caller.line.silent()).isTrue();
    }

    @Test
    void aServicesOwnErrorsAreBroughtUnderTheirCodes() throws Exception {
        Client service = service("sums", "sums.add");
        Client caller = new Client(ADMIN, Form.JSON);
        for (String code : List.of("NOT_FOUND", "CONFLICT", "METHOD_ERROR", "MADE_UP")) {
            caller.ask("1", "sums.add", Map.of());
            Object id = service.line.next().get("id");
            service.send(frame(
                    "type", "res", "id", id, "ok", false, "error", Map.of("code", code, "message", "no such luck")));
            Map<?, ?> answer = caller.line.next();
            assertError(answer, "1", code.equals("MADE_UP") ? "METHOD_ERROR" : code);
            assertThat(((Map<?, ?>) answer.get("error")).get("message")).isEqualTo("no such luck");
        }
    }

    @Test
    void parametersAreHeldAgainstTheSchemaThatTheServiceGave() throws Exception {
        Client service = new Client(ADMIN, Form.JSON);
        Map<String, Object> schema = Map.of(
                "type", "object", "properties", Map.of("a", Map.of("type", "integer")), "required", List.of("a"));
        service.call(
                "gateway.register",
                Map.of(
                        "service",
                        "sums",
                        "methods",
                        List.of(Map.of("name", "sums.add", "scope", "read", "params", schema))));
        Client caller = new Client(ADMIN, Form.JSON);
        assertError(caller.call("sums.add", Map.of("a", "one")), "c", "INVALID_PARAMS");
        assertError(caller.call("sums.add", Map.of()), "c", "INVALID_PARAMS");
    }

    @Test
    void scopesHoldForCallsSubscriptionsAndRegistrations() throws Exception {
        service("sums", "sums.add");
        Client reader = new Client(new Caller("token:r", Set.of("sums.read", "gateway.read", "run.read")), Form.JSON);
        assertError(reader.call("sums.add", Map.of()), "c", "FORBIDDEN");
        assertError(reader.call("gateway.register", Map.of("service", "x")), "c", "FORBIDDEN");
        assertThat(reader.call("gateway.subscribe", Map.of("topics", List.of("run.*")))
                        .get("ok"))
                .isEqualTo(true);
        for (String topic : List.of("message.received", "*", "*.done", "r*", "run")) {
            Map<?, ?> answer = reader.call("gateway.subscribe", Map.of("topics", List.of(topic)));
            if (topic.equals("run")) {
                assertThat(answer.get("ok")).isEqualTo(true);
            } else {
                assertError(answer, "c", "FORBIDDEN");
            }
        }
        Client all = new Client(new Caller("token:e", Set.of("event.read", "gateway.read")), Form.JSON);
        assertThat(all.call("gateway.subscribe", Map.of("topics", List.of("*"))).get("ok"))
                .isEqualTo(true);
        Client nobody = new Client(new Caller("token:n", Set.of()), Form.JSON);
        assertError(nobody.call("gateway.subscribe", Map.of("topics", List.of("run.*"))), "c", "FORBIDDEN");
    }

    @Test
    void anEventsSourceIsTheSendersRegisteredNameAndItsNumberTheOneCount() throws Exception {
        Client service = service("sums", "sums.add");
        Client listener = new Client(ADMIN, Form.CBOR);
        listener.call("gateway.subscribe", Map.of("topics", List.of("sums.*")));
        service.send(frame("type", "event", "source", "agent", "event", "sums.done", "payload", Map.of("n", 1L)));
        Map<?, ?> first = listener.line.next();
        assertThat(first.get("source")).isEqualTo("sums");
        assertThat(first.get("payload")).isEqualTo(Map.of("n", 1L));
        assertThat(first.get("seq")).isEqualTo(events.seq());
        service.call("event.publish", Map.of("topic", "sums.done", "payload", Map.of()));
        assertThat(listener.line.next().get("source")).isEqualTo("sums");
        service.send(frame("type", "event", "event", "run.completed", "payload", Map.of()));
        assertError(service.line.next(), "unknown", "FORBIDDEN");
    }

    @Test
    void oneEventIsEncodedOnceForAllOfAForm() throws Exception {
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Guest guest = machine.open(ADMIN, "test", new Spy(frames), any -> {});
            guest.take(
                    Form.JSON,
                    codec.json(frame(
                            "type",
                            "req",
                            "id",
                            "s",
                            "method",
                            "gateway.subscribe",
                            "params",
                            Map.of("topics", List.of("a.b")))));
            guest.settle();
        }
        synchronized (frames) {
            frames.clear();
        }
        events.publish("test", "a.b", Map.of("n", 1L));
        await().until(() -> {
            synchronized (frames) {
                return frames.size() == 3;
            }
        });
        assertThat(frames.get(1)).isSameAs(frames.get(0));
        assertThat(frames.get(2)).isSameAs(frames.get(0));
    }

    @Test
    void aDeafSubscriberHoldsUpNobodyAndIsToldWhatItLost() throws Exception {
        machine = machine(new Limits(4096, 64), board::offer);
        Client deaf = new Client(ADMIN, Form.JSON);
        deaf.call("gateway.subscribe", Map.of("topics", List.of("load.*")));
        Client good = new Client(ADMIN, Form.JSON);
        good.call("gateway.subscribe", Map.of("topics", List.of("load.*")));
        deaf.line.deaf = true;
        int count = 24_000;
        for (int i = 1; i <= count; i++) {
            events.publish("test", "load.event", Map.of("n", i));
            if (i % 2000 == 0) {
                for (int n = 0; n < 2000; n++) {
                    assertThat(good.line.next().get("event")).isEqualTo("load.event");
                }
            }
        }
        assertThat(deaf.line.waiting()).isLessThan(64 << 10);
        deaf.line.deaf = false;
        deaf.line.flush();
        deaf.guest.drained();
        long next = 1;
        boolean gap = false;
        while (next <= count) {
            Map<?, ?> event = deaf.line.next();
            if ("gateway.gap".equals(event.get("event"))) {
                Map<?, ?> lost = (Map<?, ?>) event.get("payload");
                assertThat(lost.get("from")).isEqualTo(next);
                assertThat(lost.get("reason")).isEqualTo("slow");
                next = (Long) lost.get("to") + 1;
                gap = true;
            } else {
                assertThat(event.get("seq")).isEqualTo(next++);
            }
        }
        assertThat(gap).isTrue();
    }

    @Test
    void moreThanMayWaitAtOnceReachesWhoReadsAtOnce() throws Exception {
        machine = machine(new Limits(4096, 64), board::offer);
        for (int i = 1; i <= 500; i++) {
            events.publish("test", "load.event", Map.of("n", i));
        }
        Client good = new Client(ADMIN, Form.JSON);
        good.call("gateway.subscribe", Map.of("topics", List.of("load.*"), "since", 0L));
        for (long i = 1; i <= 500; i++) {
            assertThat(good.line.next().get("seq")).isEqualTo(i);
        }
    }

    @Test
    void aServiceThatTakesNothingGetsNoMoreCalls() throws Exception {
        Client service = service("deaf", "deaf.hear");
        service.line.deaf = true;
        Client caller = new Client(ADMIN, Form.JSON);
        String text = "x".repeat(500_000);
        for (int i = 0; i < 12; i++) {
            caller.ask("c" + i, "deaf.hear", Map.of("text", text));
        }
        assertError(caller.line.next(), "c9", "OVERLOADED");
        assertThat(service.guest.full()).as("its answers are still read").isFalse();
    }

    @Test
    void aClientThatDoesNotReadItsAnswersIsReadNoFurther() throws Exception {
        machine = machine(new Limits(1000, 4), board::offer);
        Client client = new Client(ADMIN, Form.JSON);
        client.line.deaf = true;
        for (int i = 0; i < 10; i++) {
            client.ask("1", "gateway.methods", Map.of());
        }
        await().until(client.guest::full);
        client.line.deaf = false;
        client.line.flush();
        assertThat(client.guest.full()).isFalse();
    }

    @Test
    void tooManyAtOnceAreNotReadUntilSomeAreAnswered() throws Exception {
        machine = machine(new Limits(1 << 20, 2), board::offer);
        Client service = service("slow", "slow.wait");
        Client caller = new Client(ADMIN, Form.JSON);
        caller.ask("1", "slow.wait", Map.of());
        assertThat(caller.guest.full()).isFalse();
        caller.ask("2", "slow.wait", Map.of());
        assertThat(caller.guest.full()).isTrue();
        service.serve();
        assertThat(caller.line.next().get("ok")).isEqualTo(true);
        await().until(() -> stirred.get() == 1); // after its answer is out
        assertThat(caller.guest.full()).isFalse();
    }

    @Test
    void aConnectionEndsWhenItsTokenIsTakenBack() {
        Client client = new Client(ADMIN, Form.JSON);
        revocations.get(revocations.size() - 1).run();
        assertThat(client.line.closedWith).isEqualTo(1008);
    }

    @Test
    void tellsWhoIsThereAndPartsWithThem() throws Exception {
        Client service = service("sums", "sums.add");
        Client admin = new Client(ADMIN, Form.JSON);
        Map<?, ?> inspection =
                (Map<?, ?>) admin.call("gateway.inspect", Map.of()).get("payload");
        assertThat((List<?>) inspection.get("services")).hasSize(1);
        assertThat((List<?>) inspection.get("connections")).hasSize(2);
        Map<?, ?> stats = (Map<?, ?>) admin.call("gateway.stats", Map.of()).get("payload");
        assertThat(stats.get("services")).isEqualTo(1L);
        assertThat(admin.call("gateway.disconnect", Map.of("service", "sums")).get("payload"))
                .isEqualTo(Map.of("disconnected", 1L));
        assertThat(service.line.closedWith).isEqualTo(1008);
        assertError(admin.call("gateway.disconnect", Map.of("service", "none")), "c", "NOT_FOUND");
        admin.call("gateway.disconnect", Map.of());
        assertThat(admin.line.closedWith).isEqualTo(1000);
    }

    @Test
    void whatIsNoFrameGetsAParseErrorInItsForm() throws Exception {
        for (Form form : Form.values()) {
            Client client = new Client(ADMIN, form);
            client.guest.take(form, "nonsense".getBytes(UTF_8));
            client.guest.settle();
            assertError(client.line.next(), "unknown", "PARSE_ERROR");
            assertThat(client.line.form).isEqualTo(form);
            client.send(Map.of("type", "req", "id", 7L, "method", "hub.now"));
            assertError(client.line.next(), "unknown", "PARSE_ERROR");
            client.send(Map.of("type", "req", "id", "8"));
            assertError(client.line.next(), "8", "PARSE_ERROR");
            client.send(Map.of("type", "req", "id", "9", "method", "hub.now", "params", List.of()));
            assertError(client.line.next(), "9", "PARSE_ERROR");
            client.send(Map.of("type", "res", "id", "10", "ok", true));
            assertError(client.line.next(), "10", "PARSE_ERROR");
            assertThat(client.call("hub.now", Map.of()).get("payload")).isEqualTo(Map.of("now", 1L));
        }
    }

    private static void assertError(Map<?, ?> frame, String id, String code) {
        assertThat(frame.get("type")).as("%s", frame).isEqualTo("res");
        assertThat(frame.get("id")).isEqualTo(id);
        assertThat(frame.get("ok")).isEqualTo(false);
        assertThat(((Map<?, ?>) frame.get("error")).get("code")).as("%s", frame).isEqualTo(code);
    }

    /** Keeps the very bytes. */
    private record Spy(List<byte[]> sent) implements Line {
        @Override
        public void send(Form form, byte[] frame) {
            synchronized (sent) {
                sent.add(frame);
            }
        }

        @Override
        public void flush() {}

        @Override
        public long waiting() {
            return 0;
        }

        @Override
        public void close(int code, String reason) {}
    }

    /** Keeps what is to be told when a token is taken back. */
    private final class Watch implements Auth {
        @Override
        public Caller http(Knock knock) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void sameHouse(Knock knock) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Caller bearer(String header, String remote) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Caller peer(String user) {
            throw new UnsupportedOperationException();
        }

        @Override
        public AutoCloseable onRevoked(Caller caller, Runnable then) {
            revocations.add(then);
            return () -> {};
        }

        @Override
        public WebSession redeem(String code, String remote) throws KoshiException {
            throw new UnsupportedOperationException();
        }
    }
}
