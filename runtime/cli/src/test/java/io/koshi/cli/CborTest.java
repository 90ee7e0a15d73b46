package io.koshi.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.client.Cbor;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CborTest {
    private static Object hex(String hex) {
        return Cbor.read(HexFormat.of().parseHex(hex));
    }

    @Test
    void readsTheExamplesOfTheStandard() { // RFC 8949, appendix A
        assertThat(hex("00")).isEqualTo(0L);
        assertThat(hex("1b000000e8d4a51000")).isEqualTo(1000000000000L);
        assertThat(hex("1bffffffffffffffff")).isEqualTo(new BigInteger("18446744073709551615"));
        assertThat(hex("c249010000000000000000")).isEqualTo(new BigInteger("18446744073709551616"));
        assertThat(hex("3bffffffffffffffff")).isEqualTo(new BigInteger("-18446744073709551616"));
        assertThat(hex("c349010000000000000000")).isEqualTo(new BigInteger("-18446744073709551617"));
        assertThat(hex("3903e7")).isEqualTo(-1000L);
        assertThat(hex("f93c00")).isEqualTo(1.0);
        assertThat(hex("f90001")).isEqualTo(5.960464477539063E-8);
        assertThat(hex("f9c400")).isEqualTo(-4.0);
        assertThat(hex("fa47c35000")).isEqualTo(100000.0);
        assertThat(hex("fb3ff199999999999a")).isEqualTo(1.1);
        assertThat(hex("f97c00")).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(hex("62c3bc")).isEqualTo("ü");
        assertThat(hex("a26161016162820203")).isEqualTo(Map.of("a", 1L, "b", List.of(2L, 3L)));
        assertThat(hex("9f018202039f0405ffff")).isEqualTo(List.of(1L, List.of(2L, 3L), List.of(4L, 5L)));
        assertThat(hex("bf61610161629f0203ffff")).isEqualTo(Map.of("a", 1L, "b", List.of(2L, 3L)));
        assertThat(hex("7f657374726561646d696e67ff")).isEqualTo("streaming");
        assertThat(hex("f6")).isNull();
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("text", "hyvää päivää");
        value.put("numbers", List.of(0L, 23L, 24L, 255L, 65536L, -1L, -25L, Long.MAX_VALUE, Long.MIN_VALUE, 1.5));
        value.put("big", new BigInteger("-18446744073709551617"));
        value.put("none", null);
        value.put("nested", Map.of("list", List.of(Map.of("a", true))));
        assertThat(Cbor.read(Cbor.write(value))).isEqualTo(value);
        assertThat(Json.read(Json.write(value))).isEqualTo(value);
        byte[] blob = {1, 2, 3};
        assertThat((byte[]) Cbor.read(Cbor.write(blob))).isEqualTo(blob);
    }

    @Test
    void brokenBytesAreRefusedAndNothingElse() {
        byte[] whole = Cbor.write(Map.of("a", List.of(1L, "text", Map.of("b", 2.5))));
        for (int i = 0; i < whole.length; i++) {
            byte[] cut = Arrays.copyOf(whole, i);
            assertThatThrownBy(() -> Cbor.read(cut)).isInstanceOf(IllegalArgumentException.class);
        }
        byte[] deep = new byte[5000];
        Arrays.fill(deep, (byte) 0x81);
        assertThatThrownBy(() -> Cbor.read(deep)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> hex("9bffffffffffffffff")).isInstanceOf(IllegalArgumentException.class);
        Random random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            byte[] junk = new byte[random.nextInt(40)];
            random.nextBytes(junk);
            try {
                Cbor.read(junk);
            } catch (IllegalArgumentException refused) {
                assertThat(refused).hasMessageNotContaining("null");
            }
        }
    }

    @Test
    void brokenJsonIsRefusedWithItsPlace() {
        for (String bad :
                List.of("", "{", "{\"a\"}", "[1,]", "tru", "\"a", "\"\\x\"", "01", "1 2", "{\"a\":1,}", "\"\\u12\"")) {
            assertThatThrownBy(() -> Json.read(bad)).as(bad).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
