package io.koshi.codec.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.RawCbor;
import io.koshi.codec.RawMap;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LazyCborTest {
    private final RecordCodec codec = new RecordCodec();

    @Test
    void givesEveryMemberWithoutParsingTheRest() {
        for (int seed = 0; seed < 300; seed++) {
            Map<String, Object> data = new RandomData(seed).map(4);
            data.put("blob", new byte[] {1, 2, 3});
            byte[] bytes = codec.cbor(data);
            RawMap lazy = (RawMap) codec.lazyCbor(bytes);
            RawMap json = (RawMap) codec.lazyObject(codec.json(data));
            Map<?, ?> whole = (Map<?, ?>) codec.parseCbor(bytes);
            Map<?, ?> text = (Map<?, ?>) codec.parseJson(codec.json(data));
            whole.forEach((name, value) -> {
                Object member = lazy.member((String) name);
                assertThat(codec.cbor(member)).isEqualTo(codec.cbor(value));
                assertThat(codec.json(json.member((String) name))).isEqualTo(codec.json(text.get(name)));
            });
            assertThat(lazy.member("no such")).isNull();
            assertThat(json.member("no such")).isNull();
            assertThat(codec.cbor(lazy)).isSameAs(bytes);
            assertThat(lazy.keySet()).isEqualTo(whole.keySet());
        }
    }

    @Test
    void aMemberThatIsAMapKeepsItsBytes() {
        Map<String, Object> inner = Map.of("text", "x".repeat(300));
        RawMap lazy = (RawMap) codec.lazyCbor(codec.cbor(Map.of("inner", inner)));
        assertThat(lazy.member("inner")).isInstanceOfSatisfying(RawCbor.class, raw -> {
            assertThat(raw.cbor()).isEqualTo(codec.cbor(inner));
            assertThat(raw.member("text")).isEqualTo("x".repeat(300));
        });
        RawMap json = (RawMap) codec.lazyObject("{\"in\\u006eer\":{\"a\":\"\\u00e4\"},\"b\":\"c\\nd\"}".getBytes());
        assertThat(json.member("inner")).isEqualTo(Map.of("a", "ä"));
        assertThat(json.member("b")).isEqualTo("c\nd");
    }

    /** What the scan lets through the strict reader reads, and the other way round: whatever is done to the bytes. */
    @Test
    void isExactlyAsStrictAsTheReader() {
        Random random = new Random(11);
        int good = 0;
        for (int i = 0; i < 12_000; i++) {
            byte[] bytes = codec.cbor(new RandomData(i % 500).map(3));
            for (int flips = random.nextInt(3); flips > 0 && bytes.length > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            if (random.nextInt(4) == 0) {
                bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 2));
            }
            boolean read = reads(bytes);
            assertThat(scans(bytes)).as(HexFormat.of().formatHex(bytes)).isEqualTo(read);
            good += read ? 1 : 0;
        }
        assertThat(good).isBetween(500, 11_500);
    }

    private boolean reads(byte[] bytes) {
        try {
            return codec.parseCbor(bytes) instanceof Map;
        } catch (KoshiException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.PARSE_ERROR);
            return false;
        }
    }

    private boolean scans(byte[] bytes) {
        try {
            codec.lazyCbor(bytes).size();
            return true;
        } catch (KoshiException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.PARSE_ERROR);
            return false;
        }
    }

    @Test
    void rareFormsAreReadToo() {
        RawMap pieces = (RawMap) codec.lazyCbor(HexFormat.of().parseHex("bf61610161629f0203ffff"));
        assertThat(pieces.member("b")).isEqualTo(List.of(2L, 3L));
        assertThat(pieces).isEqualTo(Map.of("a", 1L, "b", List.of(2L, 3L)));
        RawMap tagged = (RawMap) codec.lazyCbor(HexFormat.of().parseHex("d9d9f7a1616101")); // found by fuzzing
        assertThat(tagged.member("a")).isEqualTo(1L);
        assertThatThrownBy(() -> codec.lazyCbor(HexFormat.of().parseHex("cc01")))
                .hasMessageContaining("a map");
    }

    @Test
    void aKeyThatStandsTwiceIsRefusedHoweverManyThereAre() {
        for (int count : new int[] {2, 12, 13, 500}) {
            Map<String, Object> data = new LinkedHashMap<>();
            for (int i = 0; i < count; i++) {
                data.put("k%03d".formatted(i), i);
            }
            byte[] bytes = codec.cbor(data);
            assertThat(codec.lazyCbor(bytes)).hasSize(count);
            byte[] last = "k%03d".formatted(count - 1).getBytes();
            for (int at = bytes.length - 5; at > 0; at--) {
                if (Arrays.equals(bytes, at, at + 4, last, 0, 4)) {
                    bytes[at + 1] = '0';
                    bytes[at + 2] = '0';
                    bytes[at + 3] = '0';
                }
            }
            assertThatThrownBy(() -> codec.lazyCbor(bytes)).hasMessageContaining("twice");
        }
    }

    @Test
    void refusesWhatIsNoMap() {
        for (String hex : List.of("", "01", "80", "f6", "ff")) {
            assertThatThrownBy(() -> codec.lazyCbor(HexFormat.of().parseHex(hex)))
                    .isInstanceOf(KoshiException.class);
        }
    }
}
