package io.koshi.codec.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.codec.Codec;
import io.koshi.codec.RawObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LazyObjectTest {
    private static final String DELIVERY = """
             {"action": "opened", "number": 7,
              "pull_request": {"title": "Say \\"hello\\" täglich", "labels": [{"name": "bug"}, {"name": "small"}],
                "draft": false, "merged_at": null, "score": 0.5, "id": 123456789012345678901234567890},
              "sl\\u0061shed": {"key/with": "sl\\u0061sh"},
              "repository": {"full_name": "octo/hello", "owner": {"login": "octo"}}, "sender": {"login": "ada"}}
            """;

    private final Codec codec = new RecordCodec();
    private final byte[] bytes = DELIVERY.getBytes(StandardCharsets.UTF_8);
    private final RawObject object = (RawObject) codec.lazyObject(bytes);

    @Test
    void keepsItsBytesAsTheyCame() {
        assertThat(object.raw()).isSameAs(bytes);
        assertThat(codec.json(object)).isEqualTo(bytes);
        assertThat(object).hasSize(6);
        assertThat(codec.json(object)).isEqualTo(bytes);
        record Envelope(String event, Map<String, Object> payload, int n) {}
        byte[] wrapped = codec.json(new Envelope("pull_request", object, 1));
        assertThat(new String(wrapped, StandardCharsets.UTF_8))
                .isEqualTo("{\"event\":\"pull_request\",\"payload\":" + DELIVERY + ",\"n\":1}");
        assertThat(codec.fromData(codec.toData(new Envelope("e", object, 1)), Envelope.class)
                        .payload())
                .isSameAs(object);
    }

    @Test
    void findsScalarsByPathTheSameBeforeAndAfterItIsParsed() {
        for (int round = 0; round < 2; round++) {
            assertThat(object.scalar("action")).isEqualTo("opened");
            assertThat(object.scalar("number")).isEqualTo(7L);
            assertThat(object.scalar("pull_request", "title")).isEqualTo("Say \"hello\" täglich");
            assertThat(object.scalar("pull_request", "labels", "1", "name")).isEqualTo("small");
            assertThat(object.scalar("pull_request", "draft")).isEqualTo(false);
            assertThat(object.scalar("pull_request", "score")).isEqualTo(0.5);
            assertThat(object.scalar("slashed", "key/with")).isEqualTo("slash");
            assertThat(object.scalar("repository", "owner", "login")).isEqualTo("octo");
            assertThat(object.scalar("sender", "login")).isEqualTo("ada");
            for (String[] nowhere : List.of(
                    new String[] {},
                    new String[] {"nothing"},
                    new String[] {"action", "deeper"},
                    new String[] {"sender"},
                    new String[] {"pull_request", "merged_at"},
                    new String[] {"pull_request", "labels"},
                    new String[] {"pull_request", "labels", "2", "name"},
                    new String[] {"pull_request", "labels", "x"},
                    new String[] {"pull_request", "labels", "99999999999"},
                    new String[] {"sender", "log"})) {
                assertThat(object.scalar(nowhere))
                        .as(List.of(nowhere).toString())
                        .isNull();
            }
            assertThat(object).isEqualTo(codec.parseJson(bytes));
        }
    }

    @Test
    void givesItsScalarsWithoutTheRest() {
        RawObject object = (RawObject) codec.lazyObject(
                "{ \"a\" : \"x\\\"y\" ,\"b\":{\"c\":1}, \"d\":[1], \"n\":-1.5e3,\"t\":true,\"z\":null }"
                        .getBytes(StandardCharsets.UTF_8));
        RawObject scalars = object.scalars(100).orElseThrow();
        assertThat(scalars.scalar("a")).isEqualTo("x\"y");
        assertThat(scalars.scalar("n")).isEqualTo(object.scalar("n"));
        assertThat(scalars.scalar("b")).isNull();
        assertThat(codec.parseJson(scalars.raw())).isEqualTo(scalars);
        assertThat(scalars).containsOnlyKeys("a", "n", "t", "z");
        assertThat(object.scalars(10)).isEmpty();
        assertThat(((RawObject) codec.lazyObject(new byte[] {'{', '}'}))
                        .scalars(10)
                        .orElseThrow())
                .isEmpty();
    }

    @Test
    void becomesCborOfWhatItSays() {
        assertThat(codec.parseCbor(codec.cbor(object))).isEqualTo(codec.parseJson(bytes));
    }

    @Test
    void saysNothingOfItsContentInALog() {
        assertThat(object.toString()).isEqualTo("JSON object of " + bytes.length + " bytes");
    }

    @Test
    void findsTheTwinAmongManyKeys() {
        StringBuilder text = new StringBuilder("{\"twin\":0");
        for (int i = 0; i < 5_000; i++) {
            text.append(",\"key").append(i).append("\":").append(i);
        }
        assertThat(codec.lazyObject((text + "}").getBytes(StandardCharsets.UTF_8)))
                .hasSize(5_001);
        byte[] twins = (text + ",\"tw\\u0069n\":1}").getBytes(StandardCharsets.UTF_8);
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> codec.lazyObject(twins)))
                .hasMessageEndingWith("a key stands here twice in one object");
    }
}
