package io.koshi.rpc.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Problem;
import io.koshi.codec.Codec;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Method;
import io.koshi.rpc.MethodInfo;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import io.koshi.testkit.TestPools;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MethodTableTest {
    record Query(
            @Doc("Who.") Optional<String> name,

            @Doc("How often.") @Default("1") @Range(min = 1, max = 9)
            int times) {}

    record Greeting(String text, String caller, String thread) {}

    @Namespace("greet")
    static final class Greetings implements Methods {
        final CountDownLatch entered = new CountDownLatch(1);
        final CountDownLatch interrupted = new CountDownLatch(1);
        final CountDownLatch free = new CountDownLatch(1);

        @Rpc(value = "Says hello.", scope = Scope.READ)
        Greeting hello(Query query, Caller caller) {
            String text = "hello " + query.name().orElse("you");
            return new Greeting(
                    text.repeat(query.times()),
                    caller.name(),
                    Thread.currentThread().getName());
        }

        @Rpc(value = "Says it at once.", scope = Scope.READ, quick = true)
        Greeting quick() {
            return new Greeting("quick", "", Thread.currentThread().getName());
        }

        @Rpc(value = "Says nothing.", scope = Scope.WRITE, name = "mute")
        void silent(Caller caller) {}

        @Rpc(value = "Breaks.", scope = Scope.READ)
        Greeting bug() {
            throw new IllegalStateException("a secret detail");
        }

        @Rpc(value = "Refuses.", scope = Scope.READ)
        CompletionStage<Greeting> refuse() {
            return CompletableFuture.failedFuture(KoshiException.notFound("no such greeting"));
        }

        final CompletableFuture<Greeting> later = new CompletableFuture<>();

        @Rpc(value = "Answers later.", scope = Scope.READ, quick = true)
        CompletionStage<Greeting> later() {
            return later;
        }

        @Rpc(value = "Waits until it is let go.", scope = Scope.READ)
        Map<String, Object> block() throws InterruptedException {
            entered.countDown();
            try {
                free.await();
            } catch (InterruptedException e) {
                interrupted.countDown();
                Thread.currentThread().interrupt(); // as careful code does
                throw e;
            }
            return Map.of();
        }
    }

    /** A remote service's method. */
    private record Remote(MethodInfo info, Function<Map<String, Object>, CompletionStage<Object>> body)
            implements Method {
        static Remote of(String name, String owner, Function<Map<String, Object>, CompletionStage<Object>> body) {
            Map<String, Object> schema = Map.of(
                    "type",
                    "object",
                    "properties",
                    Map.of(
                            "limit",
                            Map.of("type", "integer", "minimum", 1L),
                            "kind",
                            Map.of("enum", List.of("a", "b"))),
                    "required",
                    List.of("limit"),
                    "additionalProperties",
                    false);
            return new Remote(new MethodInfo(name, "Far away.", Scope.READ, schema, Map.of(), owner), body);
        }

        @Override
        public CompletionStage<Object> call(Caller caller, Map<String, Object> params) {
            return body.apply(params);
        }
    }

    private static final Caller ADMIN = Caller.admin("test");
    private static final Duration LONG = Duration.ofMinutes(2);

    private final TestPools pools = new TestPools();
    private final Codec codec = new RecordCodec();
    private final MethodTable table = new MethodTable(pools);
    private final Greetings greetings = new Greetings();
    private final List<Endpoint> offered = BeanMethod.of(codec, greetings, "io.koshi.greet", Endpoint.Rank.CORE);

    MethodTableTest() {
        table.add(offered);
    }

    @AfterEach
    void close() {
        pools.close();
    }

    private KoshiException refusal(String method, Map<String, Object> params) {
        return catchThrowableOfType(KoshiException.class, () -> table.ask(ADMIN, method, params));
    }

    private static KoshiException failure(CompletionStage<Object> answer) {
        try {
            answer.toCompletableFuture().get(60, TimeUnit.SECONDS);
            throw new AssertionError("it answered");
        } catch (ExecutionException e) {
            return (KoshiException) e.getCause();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void bindsParametersAndNamesTheCaller() throws Exception {
        Object answer = table.call(ADMIN, "greet.hello", Map.of("name", "Ada", "times", 2L), LONG)
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
        assertThat(answer).isInstanceOfSatisfying(Greeting.class, greeting -> {
            assertThat(greeting.text()).isEqualTo("hello Adahello Ada");
            assertThat(greeting.caller()).isEqualTo("test");
            assertThat(greeting.thread()).isNotEqualTo(Thread.currentThread().getName());
        });
    }

    @Test
    void runsAQuickMethodOnTheCallersThread() throws Exception {
        Object answer = table.call(ADMIN, "greet.quick", Map.of(), LONG)
                .toCompletableFuture()
                .getNow(null);
        assertThat(((Greeting) answer).thread())
                .isEqualTo(Thread.currentThread().getName());
    }

    @Test
    void answersNothingAsAnEmptyObject() {
        assertThat(table.ask(ADMIN, "greet.mute", null)).isEqualTo(Map.of());
    }

    @Test
    void namesTheNearestMethod() {
        KoshiException e = refusal("greet.helo", Map.of());
        assertThat(e.code()).isEqualTo(ErrorCode.NO_HANDLER);
        assertThat(e).hasMessage("no method is named 'greet.helo'; did you mean 'greet.hello'?");
    }

    @Test
    void refusesParametersWithTheirPointers() {
        KoshiException e = refusal("greet.hello", Map.of("nam", "x", "times", 10L));
        assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMS);
        assertThat(e.details())
                .containsExactlyInAnyOrder(
                        new Problem("/nam", "is not known here; did you mean 'name'?"),
                        new Problem("/times", "must be 1 to 9"));
        assertThat(refusal("greet.quick", Map.of("x", 1L)).code()).isEqualTo(ErrorCode.INVALID_PARAMS);
    }

    @Test
    void holdsCallersToTheirScopes() {
        Caller reader = new Caller("token:ci", Set.of("greet.read"));
        assertThat(table.ask(reader, "greet.quick", Map.of())).isInstanceOf(Greeting.class);
        assertThatThrownBy(() -> table.ask(reader, "greet.mute", Map.of()))
                .hasMessage("token:ci may not call greet.mute; it needs the scope greet.write")
                .extracting("code")
                .isEqualTo(ErrorCode.FORBIDDEN);
        assertThatThrownBy(() -> table.ask(new Caller("x", Set.of("other.admin")), "greet.quick", Map.of()))
                .extracting("code")
                .isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(table.ask(new Caller("x", Set.of("*.write")), "greet.mute", Map.of()))
                .isEqualTo(Map.of());
    }

    @Test
    void hidesWhatBrokeInsideBehindAnId() {
        KoshiException e = refusal("greet.bug", Map.of());
        assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL);
        assertThat(e.getMessage()).doesNotContain("secret").matches(".*under [0-9A-Z]{26}");
    }

    @Test
    void passesAnErrorOfTheHubOn() {
        assertThat(refusal("greet.refuse", Map.of()).code()).isEqualTo(ErrorCode.NOT_FOUND);
        assertThat(failure(table.call(ADMIN, "greet.refuse", Map.of(), LONG)).code())
                .isEqualTo(ErrorCode.NOT_FOUND);
    }

    @Test
    void endsACallAtItsDeadlineAndInterruptsTheHandler() throws Exception {
        KoshiException e = failure(table.call(ADMIN, "greet.block", Map.of(), Duration.ofSeconds(2)));
        assertThat(e.code()).isEqualTo(ErrorCode.TIMEOUT);
        assertThat(greetings.entered.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(greetings.interrupted.await(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void tellsCallersWhenTheOwnerGoes() throws Exception {
        CompletionStage<Object> answer = table.call(ADMIN, "greet.block", Map.of(), LONG);
        assertThat(greetings.entered.await(60, TimeUnit.SECONDS)).isTrue();
        table.remove(offered);
        assertThat(failure(answer).code()).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
        assertThat(greetings.interrupted.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(refusal("greet.quick", Map.of()).code()).isEqualTo(ErrorCode.NO_HANDLER);
    }

    @Test
    void leavesNoInterruptBehindOnAThreadThatAsks() throws Exception {
        CompletableFuture<Boolean> after = new CompletableFuture<>();
        pools.work().execute(() -> {
            try {
                table.ask(ADMIN, "greet.block", Map.of());
            } catch (KoshiException e) {
                after.complete(Thread.currentThread().isInterrupted());
            }
        });
        assertThat(greetings.entered.await(60, TimeUnit.SECONDS)).isTrue();
        table.remove(offered);
        assertThat(after.get(60, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void asksAServiceAndChecksItsParametersFirst() {
        table.add(List.of(new ServiceMethod(
                Remote.of("far.list", "python", params -> CompletableFuture.completedFuture(params.get("limit"))))));
        assertThat(table.ask(ADMIN, "far.list", Map.of("limit", 3L))).isEqualTo(3L);
        assertThat(refusal("far.list", Map.of("limit", 0L, "kind", "c", "limt", 1L))
                        .details())
                .containsExactlyInAnyOrder(
                        new Problem("/limit", "must be at least 1"),
                        new Problem("/kind", "is not known; valid: a, b"),
                        new Problem("/limt", "is not known here; did you mean 'limit'?"));
        assertThat(refusal("far.list", Map.of()).details()).containsExactly(new Problem("/limit", "is required"));
        assertThat(refusal("far.list", Map.of("limit", 1.5)).details())
                .containsExactly(new Problem("/limit", "must be an integer"));
    }

    @Test
    void saysOfAServicesOwnFailureThatTheMethodFailed() {
        table.add(List.of(new ServiceMethod(Remote.of("far.list", "python", params -> {
            throw new IllegalStateException("disk on fire");
        }))));
        KoshiException e = refusal("far.list", Map.of("limit", 1L));
        assertThat(e.code()).isEqualTo(ErrorCode.METHOD_ERROR);
        assertThat(e).hasMessage("python failed at far.list: disk on fire");
    }

    @Test
    void givesANameBackToTheServiceThatHadItBefore() {
        ServiceMethod first =
                new ServiceMethod(Remote.of("far.who", "one", p -> CompletableFuture.completedFuture(1L)));
        ServiceMethod second =
                new ServiceMethod(Remote.of("far.who", "two", p -> CompletableFuture.completedFuture(2L)));
        Map<String, Object> params = Map.of("limit", 1L);
        table.add(List.of(first));
        table.add(List.of(second));
        assertThat(table.ask(ADMIN, "far.who", params)).isEqualTo(2L);
        table.remove(List.of(second));
        assertThat(table.ask(ADMIN, "far.who", params)).isEqualTo(1L);
        table.remove(List.of(first));
        assertThat(table.find("far.who")).isEmpty();
    }

    @Test
    void refusesTheHubsOwnNamesToOthers() {
        ServiceMethod thief =
                new ServiceMethod(Remote.of("greet.quick", "thief", p -> CompletableFuture.completedFuture("stolen")));
        table.add(List.of(thief));
        assertThat(table.ask(ADMIN, "greet.quick", Map.of())).isInstanceOf(Greeting.class);
        table.remove(offered);
        assertThat(table.find("greet.quick")).isEmpty();
        table.add(List.of(thief));
        table.add(offered);
        assertThat(table.find("greet.quick").orElseThrow().owner()).isEqualTo("io.koshi.greet");
    }

    @Test
    void givesANameBackToAServiceWhenThePluginThatTookItLeaves() {
        List<Endpoint> plugin = BeanMethod.of(codec, new Greetings(), "io.koshi.channel.x", Endpoint.Rank.PLUGIN);
        table.remove(offered);
        ServiceMethod remote =
                new ServiceMethod(Remote.of("greet.quick", "far", p -> CompletableFuture.completedFuture("far")));
        table.add(List.of(remote));
        table.add(plugin);
        assertThat(table.find("greet.quick").orElseThrow().owner()).isEqualTo("io.koshi.channel.x");
        table.remove(plugin);
        assertThat(table.find("greet.quick").orElseThrow().owner()).isEqualTo("far");
    }

    @Test
    void listsEveryMethodWithItsSchemas() {
        table.add(BeanMethod.of(codec, new RegistryMethods(table), "io.koshi.rpc", Endpoint.Rank.CORE));
        Object answer = codec.toData(table.ask(ADMIN, "hub.methods", Map.of()));
        assertThat(new String(codec.json(answer)))
                .contains("{\"name\":\"greet.hello\",\"summary\":\"Says hello.\",\"scope\":\"read\",\"params\":{"
                        + "\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\",\"description\":\"Who.\"}")
                .contains("{\"name\":\"hub.methods\",");
        assertThat(table.methods()).extracting(MethodInfo::name).isSorted().hasSize(8);
    }

    @Test
    void refusesAComponentThatBreaksTheRules() {
        @Namespace("bad")
        final class Bad implements Methods {
            @Rpc(value = "Takes too much.", scope = Scope.READ)
            void two(String a, String b) {}
        }
        assertThatThrownBy(() -> BeanMethod.of(codec, new Bad(), "x", Endpoint.Rank.CORE))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BeanMethod.of(codec, new Methods() {}, "x", Endpoint.Rank.CORE))
                .hasMessageContaining("@Namespace");
    }

    @Test
    void callsOffWhatItsCallerCancels() throws Exception {
        CompletableFuture<Object> call =
                table.call(ADMIN, "greet.block", Map.of(), LONG).toCompletableFuture();
        assertThat(greetings.entered.await(2, TimeUnit.MINUTES)).isTrue();
        assertThat(call.cancel(true)).isTrue();
        assertThat(greetings.interrupted.await(2, TimeUnit.MINUTES)).isTrue();
        assertThat(catchThrowableOfType(ExecutionException.class, call::get).getCause())
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE));
        assertThat(call.cancel(true)).isFalse();
    }

    @Test
    void cancelsWhatGoesOnElsewhereForACallerThatCallsItOffAndForNoOther() {
        CompletableFuture<Object> left =
                table.call(ADMIN, "greet.later", Map.of(), Duration.ofMillis(1)).toCompletableFuture();
        assertThat(left).failsWithin(Duration.ofMinutes(2));
        assertThat(greetings.later).isNotDone();

        table.call(ADMIN, "greet.later", Map.of(), LONG).toCompletableFuture().cancel(false);
        assertThat(greetings.later).isCancelled();
    }

    @Test
    void aFinishedCallIsNotCalledOff() throws Exception {
        CompletableFuture<Object> call =
                table.call(ADMIN, "greet.quick", Map.of(), LONG).toCompletableFuture();
        assertThat(call.cancel(false)).isFalse();
        assertThat(call.get()).isInstanceOf(Greeting.class);
    }
}
