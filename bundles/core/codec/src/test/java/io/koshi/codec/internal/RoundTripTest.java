package io.koshi.codec.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import com.fasterxml.jackson.dataformat.cbor.CBORParser;
import io.koshi.codec.Codec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RoundTripTest {
    private static final int TIMES = 3_000;

    private final Codec codec = new RecordCodec();

    @Test
    void readsBackAnyPlainDataFromJson() {
        for (int seed = 0; seed < TIMES; seed++) {
            Object before = new RandomData(seed).value(4);
            assertThat(codec.parseJson(codec.json(before))).as("seed " + seed).isEqualTo(before);
        }
    }

    @Test
    void readsBackAnyPlainDataFromCbor() {
        for (int seed = 0; seed < TIMES; seed++) {
            Object before = new RandomData(seed).value(4);
            assertThat(codec.parseCbor(codec.cbor(before))).as("seed " + seed).isEqualTo(before);
            assertThat(codec.toData(before)).as("seed " + seed).isEqualTo(before);
        }
    }

    @Test
    void readsBackBytes() {
        byte[] bytes = {0, 1, -1, 127, -128};
        assertThat((byte[]) codec.parseCbor(codec.cbor(bytes))).isEqualTo(bytes);
        assertThat(codec.parseJson(codec.json(bytes))).isEqualTo("AAH/f4A=");
    }

    /** Somebody else's reader and writer of CBOR understand the same. */
    @Test
    void speaksTheSameCborAsJackson() throws IOException {
        CBORFactory jackson = new CBORFactory() // by default it is off by one below -2^64
                .enable(CBORParser.Feature.DECODE_USING_STANDARD_NEGATIVE_BIGINT_ENCODING)
                .enable(CBORGenerator.Feature.ENCODE_USING_STANDARD_NEGATIVE_BIGINT_ENCODING);
        for (int seed = 0; seed < TIMES; seed++) {
            Object data = new RandomData(seed).value(3);
            try (JsonParser parser = jackson.createParser(codec.cbor(data))) {
                parser.nextToken();
                assertThat(like(Json.value(parser))).as("seed " + seed).isEqualTo(like(data));
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (JsonGenerator generator = jackson.createGenerator(out)) {
                write(data, generator);
            }
            assertThat(codec.parseCbor(out.toByteArray())).as("seed " + seed).isEqualTo(data);
        }
    }

    /** Numbers by their value: a decimal fraction comes from Jackson in another class or scale. */
    private static Object like(Object data) {
        if (data instanceof Map<?, ?> map) {
            Map<String, Object> copy = new LinkedHashMap<>();
            map.forEach((key, value) -> copy.put((String) key, like(value)));
            return copy;
        }
        if (data instanceof List<?> list) {
            return list.stream()
                    .map(RoundTripTest::like)
                    .map(Optional::ofNullable)
                    .toList();
        }
        return data instanceof Number number ? new BigDecimal(number.toString()).stripTrailingZeros() : data;
    }

    private static void write(Object data, JsonGenerator to) throws IOException {
        if (data instanceof Map<?, ?> map) {
            to.writeStartObject(); // of indefinite length
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                to.writeFieldName((String) entry.getKey());
                write(entry.getValue(), to);
            }
            to.writeEndObject();
        } else if (data instanceof List<?> list) {
            to.writeStartArray(list, list.size());
            for (Object item : list) {
                write(item, to);
            }
            to.writeEndArray();
        } else if (data instanceof BigInteger big) {
            to.writeNumber(big);
        } else if (data instanceof BigDecimal big) {
            to.writeNumber(big);
        } else if (data instanceof Long whole) {
            to.writeNumber(whole);
        } else if (data instanceof Double real) {
            to.writeNumber(real);
        } else if (data instanceof Boolean truth) {
            to.writeBoolean(truth);
        } else if (data instanceof String text) {
            to.writeString(text);
        } else {
            to.writeNull();
        }
    }

    @Test
    void writesHalfASurrogatePairAsTheReplacementCharacter() {
        for (String broken : List.of("\ud800", "a\udc00b", "\ud83d", "\ude00\ud83d")) {
            String mended = broken.replaceAll("[\ud800-\udfff]", "\ufffd");
            assertThat(codec.parseCbor(codec.cbor(broken))).isEqualTo(mended);
            assertThat(codec.parseJson(codec.json(broken))).isEqualTo(mended);
        }
    }

    @Test
    void readsEveryExampleOfTheCborStandardThatHasAMeaningHere() {
        // RFC 8949, appendix A
        Map<String, Object> examples = Map.ofEntries(
                Map.entry("1bffffffffffffffff", new BigInteger("18446744073709551615")),
                Map.entry("c249010000000000000000", new BigInteger("18446744073709551616")),
                Map.entry("3bffffffffffffffff", new BigInteger("-18446744073709551616")),
                Map.entry("c349010000000000000000", new BigInteger("-18446744073709551617")),
                Map.entry("3903e7", -1000L),
                Map.entry("f93c00", 1.0),
                Map.entry("f90001", 5.960464477539063e-8),
                Map.entry("f9c400", -4.0),
                Map.entry("fa47c35000", 100000.0),
                Map.entry("fbc010666666666666", -4.1),
                Map.entry("c074323031332d30332d32315432303a30343a30305a", "2013-03-21T20:04:00Z"),
                Map.entry("c11a514b67b0", 1363896240L),
                Map.entry("64f0908591", "\ud800\udd51"),
                Map.entry("7f657374726561646d696e67ff", "streaming"),
                Map.entry("9f018202039f0405ffff", List.of(1L, List.of(2L, 3L), List.of(4L, 5L))),
                Map.entry("bf61610161629f0203ffff", Map.of("a", 1L, "b", List.of(2L, 3L))),
                Map.entry("c48221196ab3", 273.15),
                Map.entry("d9d9f7f5", true));
        examples.forEach(
                (hex, value) -> assertThat(codec.parseCbor(HexFormat.of().parseHex(hex)))
                        .as(hex)
                        .isEqualTo(value));
        assertThat(codec.parseCbor(new byte[] {(byte) 0xF7})).isNull();
        assertThat(codec.parseJson(
                        " \t\r\n[1e2, 0.1, -0, 123456789012345678901234567890] ".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(List.of(100.0, 0.1, 0L, new BigInteger("123456789012345678901234567890")));
    }
}
