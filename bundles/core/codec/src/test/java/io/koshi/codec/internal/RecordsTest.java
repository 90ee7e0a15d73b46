package io.koshi.codec.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.entry;

import io.koshi.api.Address;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.api.Part;
import io.koshi.api.Problem;
import io.koshi.codec.Codec;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.config.ByteSize;
import io.koshi.config.Config;
import io.koshi.rpc.Doc;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RecordsTest {
    enum Colour {
        RED,
        DARK_BLUE
    }

    record Inner(String name, Optional<Integer> age) {}

    record Everything(
            String text,
            int whole,
            long big,
            double real,
            boolean truth,
            Instant at,
            Duration waitMs,
            URI link,
            Path file,
            Colour colour,
            byte[] bytes,
            ByteSize size,
            Inner inner,
            List<Inner> inners,
            Map<String, Inner> named,
            Set<String> tags,
            Object any,
            Part part,
            Optional<Inner> perhaps,
            Optional<String> never) {}

    record Query(
            @Doc("Only sessions on this channel.") Optional<String> channel,

            @Doc("At most this many.") @Default("50") @Range(min = 1, max = 1000)
            int limit,

            @Default("{}") Map<String, Object> match,
            @Default("[]") List<String> names,
            String default_) {}

    record Tree(String name, List<Tree> children) {}

    record Seconds(Duration timeout) {}

    private final Codec codec = new RecordCodec();

    private static Everything everything() {
        return new Everything(
                "täxt \"quoted\" 😀\n",
                -7,
                1L << 40,
                0.25,
                true,
                Instant.parse("2025-01-31T12:00:00.123Z"),
                Duration.ofMillis(1500),
                URI.create("https://example.org/a?b"),
                Path.of("/tmp/x"),
                Colour.DARK_BLUE,
                new byte[] {1, 2, 3},
                new ByteSize(8 << 20),
                new Inner("a", Optional.of(3)),
                List.of(new Inner("b", Optional.empty())),
                Map.of("k", new Inner("c", Optional.empty())),
                Set.of("one"),
                Map.of("x", List.of(1L, "two")),
                Part.text("hello"),
                Optional.of(new Inner("d", Optional.empty())),
                Optional.empty());
    }

    @Test
    void writesARecordAsJsonByItsComponents() {
        assertThat(codec.toData(everything()))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                .contains(
                        entry("at", "2025-01-31T12:00:00.123Z"),
                        entry("waitMs", 1500L),
                        entry("colour", "dark_blue"),
                        entry("size", "8MB"),
                        entry("part", Map.of("type", "text", "text", "hello")),
                        entry("file", "/tmp/x"))
                .doesNotContainKey("never");
        assertThat(new String(codec.json(new Inner("a\u0001\\", Optional.of(1)))))
                .isEqualTo("{\"name\":\"a\\u0001\\\\\",\"age\":1}");
    }

    @Test
    void readsBackWhatItWrote() {
        Everything before = everything();
        for (Object data : List.of(
                codec.toData(before), codec.parseJson(codec.json(before)), codec.parseCbor(codec.cbor(before)))) {
            Everything after = codec.fromData(data, Everything.class);
            assertThat(after).usingRecursiveComparison().isEqualTo(before);
        }
    }

    @Test
    void readsAWholeConfigurationFromNothing() {
        Config config = codec.fromData(Map.of(), Config.class);
        assertThat(config.name()).isEqualTo("koshi");
        assertThat(config.memory().maxSize()).isEqualTo(new ByteSize(100 << 20));
        assertThat(config.default_()).isEqualTo(Config.Unmatched.FORWARD);
        assertThat(config.buffer().batchWindowMs()).isEqualTo(500);
        assertThat(codec.fromData(Map.of("default", "drop"), Config.class).default_())
                .isEqualTo(Config.Unmatched.DROP);
    }

    @Test
    void writesAMessageAndReadsItBack() {
        Message message = Message.of(Address.of("console", "main"), "hello");
        assertThat(codec.fromData(codec.parseCbor(codec.cbor(message)), Message.class))
                .isEqualTo(message);
    }

    @Test
    void gathersEveryFaultWithItsPointer() {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("chanel", "x");
        data.put("limit", 5000);
        data.put("match", 3);
        data.put("names", Arrays.asList("a", 1, null));
        KoshiException e = catchThrowableOfType(KoshiException.class, () -> codec.fromData(data, Query.class));
        assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMS);
        assertThat(e.details())
                .containsExactlyInAnyOrder(
                        new Problem("/limit", "must be 1 to 1000"),
                        new Problem("/match", "must be an object"),
                        new Problem("/names/1", "must be a string"),
                        new Problem("/names/2", "must not be null"),
                        new Problem("/default", "is required"),
                        new Problem("/chanel", "is not known here; did you mean 'channel'?"));
    }

    @Test
    void putsTheFaultsOfARecordsOwnChecksUnderItsPointer() {
        record Holder(List<Address> to) {}
        assertThatThrownBy(() -> codec.fromData(
                        Map.of("to", List.of(Map.of("channel", "no spaces", "conversation", "c"))), Holder.class))
                .isInstanceOfSatisfying(
                        KoshiException.class,
                        e -> assertThat(e.details()).extracting(Problem::path).containsExactly("/to/0/channel"));
    }

    @Test
    void refusesNumbersThatDoNotFit() {
        record Small(int n) {}
        for (Object bad : List.of(1L << 31, 1.5, "1", true, new java.math.BigDecimal("1E+1000000000"))) {
            assertThatThrownBy(() -> codec.fromData(Map.of("n", bad), Small.class))
                    .isInstanceOfSatisfying(
                            KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMS));
        }
        assertThat(codec.fromData(Map.of("n", 3.0), Small.class).n()).isEqualTo(3);
    }

    @Test
    void tellsTheChoicesOfASealedInterface() {
        record Holder(Part part) {}
        assertThatThrownBy(() -> codec.fromData(Map.of("part", Map.of("type", "txt", "text", "x")), Holder.class))
                .hasMessage("/part/type: 'txt' is not known; did you mean 'text'?");
        assertThatThrownBy(() -> codec.fromData(Map.of("part", Map.of("text", "x")), Holder.class))
                .hasMessage("/part/type: is required: one of text, blob");
    }

    @Test
    void describesARecordAsJsonSchema() {
        assertThat(new String(codec.json(codec.schema(Query.class)))).isEqualTo("""
                {"type":"object","properties":{\
                "channel":{"type":"string","description":"Only sessions on this channel."},\
                "limit":{"type":"integer","description":"At most this many.","minimum":1,"maximum":1000,"default":50},\
                "match":{"type":"object","default":{}},\
                "names":{"type":"array","items":{"type":"string"},"default":[]},\
                "default":{"type":"string"}},"required":["default"],"additionalProperties":false}""");
    }

    @Test
    void describesARecordThatContainsItselfByReference() {
        Map<String, Object> schema = codec.schema(Tree.class);
        assertThat(new String(codec.json(schema)))
                .contains("\"items\":{\"$ref\":\"#/$defs/Tree\"}", "\"$defs\":{\"Tree\":");
        Tree tree = new Tree("a", List.of(new Tree("b", List.of())));
        assertThat(codec.fromData(codec.toData(tree), Tree.class)).isEqualTo(tree);
    }

    @Test
    void wantsDurationsNamedByTheirUnit() {
        assertThatThrownBy(() -> codec.json(new Seconds(Duration.ZERO)))
                .hasMessageContaining("must be named timeoutMs");
    }

    @Test
    void refusesToWriteWhatHasNoPlaceInJson() {
        Map<String, Object> self = new LinkedHashMap<>();
        self.put("self", self);
        for (Object bad : List.of(Double.NaN, List.of(Double.POSITIVE_INFINITY), self, new Object())) {
            assertThatThrownBy(() -> codec.json(bad)).isInstanceOf(KoshiException.class);
            assertThatThrownBy(() -> codec.cbor(bad)).isInstanceOf(KoshiException.class);
            assertThatThrownBy(() -> codec.toData(bad)).isInstanceOf(KoshiException.class);
        }
    }
}
