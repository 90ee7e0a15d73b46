package io.koshi.codec.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrictnessTest {
    private final Codec codec = new RecordCodec();

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void refuses(Runnable parse) {
        assertThatThrownBy(parse::run)
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PARSE_ERROR));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "[1",
                "[1,]",
                "[,1]",
                "{\"a\":1,}",
                "{\"a\"}",
                "{\"a\":}",
                "{a:1}",
                "{'a':1}",
                "{\"a\" 1}",
                "[1 2]",
                "{\"a\":1 \"b\":2}",
                "1 2",
                "{} {}",
                "{}x",
                "nul",
                "nulls",
                "True",
                "tru",
                "NaN",
                "Infinity",
                "-Infinity",
                "-",
                "+1",
                "01",
                "-01",
                "1.",
                ".5",
                "1e",
                "1e+",
                "0x10",
                "1e99999",
                "-1e-99999",
                "1e9999999999",
                "\"",
                "\"\\x\"",
                "\"\\u12\"",
                "\"\\u12g4\"",
                "\"tab\there\"",
                "\"nul\u0000\"",
                "// no\n1",
                "/* no */ 1",
                "[1]]",
                "{\"a\":1}}",
                "\ufeff1",
                "{\"a\":1,\"a\":2}",
                "{\"a\":1,\"\\u0061\":2}",
                "{\"x\":{\"a\":null,\"a\":null}}",
                "]",
                "}",
                ":",
                ",",
                "\u00a01"
            })
    void refusesJsonThatIsNotWellFormed(String text) {
        refuses(() -> codec.parseJson(utf8(text)));
        refuses(() -> codec.lazyObject(utf8("{\"k\":" + text + "}")));
        refuses(() -> codec.lazyObject(utf8(text)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ff",
                "80",
                "c080",
                "c1bf",
                "eda080",
                "edbfbf",
                "e08080",
                "f0808080",
                "f4908080",
                "f5808080",
                "c3",
                "e282",
                "f09f98"
            })
    void refusesBytesThatAreNoUtf8(String hex) {
        byte[] bad = HexFormat.of().parseHex(hex);
        for (int before = 0; before < 10; before++) {
            byte[] json = concat(utf8("{\"k\":\"" + "x".repeat(before)), bad, utf8("\"}"));
            refuses(() -> codec.parseJson(json));
            refuses(() -> codec.lazyObject(json));
            byte[] cbor = concat(new byte[] {(byte) (0x60 + before + bad.length)}, utf8("x".repeat(before)), bad);
            refuses(() -> codec.parseCbor(cbor));
            byte[] pieces = concat(new byte[] {0x7f, (byte) (0x60 + bad.length)}, bad, new byte[] {(byte) 0xff});
            refuses(() -> codec.parseCbor(pieces));
        }
    }

    private static byte[] concat(byte[]... parts) {
        StringBuilder hex = new StringBuilder();
        for (byte[] part : parts) {
            hex.append(HexFormat.of().formatHex(part));
        }
        return HexFormat.of().parseHex(hex);
    }

    @Test
    void readsNothingButUtf8() {
        refuses(() -> codec.parseJson("{\"a\":1}".getBytes(StandardCharsets.UTF_16BE)));
        refuses(() -> codec.parseJson("{\"a\":1}".getBytes(StandardCharsets.UTF_16LE)));
        refuses(() -> codec.lazyObject("{\"a\":1}".getBytes(StandardCharsets.UTF_16LE)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "18",
                "19 01",
                "1c",
                "1f",
                "41",
                "61",
                "5b ffffffffffffffff",
                "7b 7fffffffffffffff",
                "81",
                "9f",
                "9f 01",
                "a1",
                "a1 6161",
                "a1 01 01",
                "a1 4161 01",
                "a1 c0 6161 01",
                "bf",
                "bf 6161",
                "bf 6161 ff",
                "a2 6161 01 6161 02",
                "bf 6161 f6 6161 f6 ff",
                "ff",
                "81 ff",
                "a1 ff",
                "5f 6161 ff",
                "7f 4161 ff",
                "7f 7f 6161 ff ff",
                "7f",
                "5f 41",
                "f9 7c00",
                "f9 7e00",
                "f9 fc00",
                "fa 7f800000",
                "fa 7fc00000",
                "fb 7ff0000000000000",
                "fb 7ff8000000000000",
                "fb fff0000000000000",
                "f8 20",
                "f8 18",
                "e0",
                "f3",
                "fc",
                "fe",
                "c2 01",
                "c2 6161",
                "c2",
                "c4 81 01",
                "c4 82 01 6161",
                "c4 82 1a7fffffff 01",
                "c4 82 1b7fffffffffffffff 01",
                "c4 82 3b7fffffffffffffff 01",
                "c4 82 c2 41 01 01 01",
                "c0",
                "d9 d9f7",
                "01 01",
                "9b 7fffffffffffffff",
                "9a 7fffffff 01",
                "ba 7fffffff 6161 01",
                "bb ffffffffffffffff",
                "dc 00",
                "3c"
            })
    void refusesCborThatIsNotWellFormed(String hex) {
        refuses(() -> codec.parseCbor(HexFormat.of().parseHex(hex.replace(" ", ""))));
    }

    @Test
    void readsAsDeepAsItSaysAndNoDeeper() {
        int deep = Codec.MAX_DEPTH;
        assertThat(codec.parseJson(utf8("[".repeat(deep) + "]".repeat(deep)))).isInstanceOf(List.class);
        refuses(() -> codec.parseJson(utf8("[".repeat(deep + 1) + "]".repeat(deep + 1))));
        String maps = "{\"a\":".repeat(deep) + "1" + "}".repeat(deep);
        assertThat(codec.parseJson(utf8(maps))).isInstanceOf(Map.class);
        assertThat(codec.lazyObject(utf8(maps))).hasSize(1);
        refuses(() -> codec.parseJson(utf8("[" + maps + "]")));
        refuses(() -> codec.lazyObject(utf8("{\"a\":" + maps + "}")));
        byte[] cbor = new byte[deep + 1];
        Arrays.fill(cbor, (byte) 0x81);
        cbor[deep] = 1;
        assertThat(codec.parseCbor(cbor)).isInstanceOf(List.class);
    }

    @Test
    void survivesTenThousandLevels() {
        for (int first : new int[] {0x81, 0x9f, 0xc0, 0xc4, 0x5f, 0xa1, 0xbf}) {
            byte[] cbor = new byte[10_000];
            Arrays.fill(cbor, (byte) first);
            refuses(() -> codec.parseCbor(cbor));
        }
        refuses(() -> codec.parseJson(utf8("[".repeat(10_000))));
        refuses(() -> codec.parseJson(utf8("{\"a\":".repeat(10_000))));
        refuses(() -> codec.lazyObject(utf8("{\"a\":".repeat(10_000))));
    }

    @Test
    void saysWhereItWentWrongAndNothingOfWhatStoodThere() {
        assertThatThrownBy(() -> codec.parseJson(utf8("{\"a\": secret}")))
                .hasMessageStartingWith("malformed JSON at byte ")
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> codec.lazyObject(utf8("{\"a\": secret}")))
                .hasMessage("malformed JSON at byte 6: this is not expected here");
    }

    /** Whatever comes in, the answer is data or PARSE_ERROR, and both readers of JSON agree which. */
    @Test
    void knowsNoOtherFailureThanItsOwn() {
        Random random = new Random(42);
        for (int seed = 0; seed < 6_000; seed++) {
            Map<String, Object> data = new RandomData(seed).map(2);
            byte[] json = mangle(codec.json(data), random);
            Object lazy = attempt(() -> codec.lazyObject(json));
            Object parsed = attempt(() -> codec.parseJson(json));
            assertThat(lazy instanceof Map)
                    .as("seed " + seed + " " + new String(json, StandardCharsets.UTF_8))
                    .isEqualTo(parsed instanceof Map);
            if (parsed instanceof Map) {
                assertThat(lazy).as("seed " + seed).isEqualTo(parsed);
            }
            byte[] cbor = mangle(codec.cbor(data), random);
            attempt(() -> codec.parseCbor(cbor));
            byte[] noise = new byte[random.nextInt(64)];
            random.nextBytes(noise);
            attempt(() -> codec.parseCbor(noise));
            attempt(() -> codec.parseJson(noise));
            attempt(() -> codec.lazyObject(noise));
        }
    }

    private static byte[] mangle(byte[] bytes, Random random) {
        byte[] changed =
                random.nextInt(3) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)) : bytes.clone();
        for (int i = random.nextInt(3); i > 0 && changed.length > 0; i--) {
            String likely = "{}[]\",:\\0123456789eE+-.tfn ";
            int at = random.nextInt(changed.length);
            changed[at] = random.nextBoolean()
                    ? (byte) random.nextInt(256)
                    : (byte) likely.charAt(random.nextInt(likely.length()));
        }
        return changed;
    }

    private static Object attempt(java.util.function.Supplier<Object> parse) {
        try {
            return parse.get();
        } catch (KoshiException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.PARSE_ERROR);
            return null;
        }
    }
}
