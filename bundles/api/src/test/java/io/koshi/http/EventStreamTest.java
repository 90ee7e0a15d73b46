package io.koshi.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.http.EventStream.Event;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventStreamTest {
    private final List<Event> events = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r", "\r\n"})
    void readsEveryKindOfLineEnd(String end) {
        feed("event: a" + end + "data: one" + end + end + "data: two" + end + end);

        assertThat(events).containsExactly(new Event("a", "one"), new Event("message", "two"));
    }

    @Test
    void joinsDataLinesAndKeepsAllSpacesButTheFirst() {
        feed("data: one\ndata:two\ndata:  three\ndata\n\n");

        assertThat(events).containsExactly(new Event("message", "one\ntwo\n three\n"));
    }

    @Test
    void skipsCommentsTheByteOrderMarkAndFieldsItDoesNotKnow() {
        feed("\uFEFF: hello\n:\nid: 7\nretry: 9\nfunny: yes\nevent: a\n: in between\ndata: x\n\n");

        assertThat(events).containsExactly(new Event("a", "x"));
    }

    @Test
    void tellsNothingOfAnEventThatIsCutOffOrHasNoData() {
        feed("event: lonely\n\ndata: whole\n\ndata: half\n");

        assertThat(events).containsExactly(new Event("message", "whole"));
    }

    @Test
    void readsTheSameWhereverTheBytesAreCut() {
        byte[] bytes = "\uFEFFevent: ä\r\ndata: 漢字 \uD83D\uDE00\r\n\r\n:c\rdata: y\r\revent: z\ndata: 1\ndata: 2\n\n"
                .getBytes(StandardCharsets.UTF_8);
        List<Event> whole =
                List.of(new Event("ä", "漢字 \uD83D\uDE00"), new Event("message", "y"), new Event("z", "1\n2"));
        for (int first = 0; first <= bytes.length; first++) {
            for (int second = first; second <= bytes.length; second++) {
                events.clear();
                EventStream stream = new EventStream(1000, events::add);
                stream.feed(ByteBuffer.wrap(bytes, 0, first));
                stream.feed(ByteBuffer.wrap(bytes, first, second - first));
                stream.feed(ByteBuffer.wrap(bytes, second, bytes.length - second));
                assertThat(events).as("cut at %d and %d", first, second).isEqualTo(whole);
            }
        }
    }

    @Test
    void givesUpOnAnEventWithoutEnd() {
        EventStream stream = new EventStream(100, events::add);

        assertThatThrownBy(() -> stream.feed(ByteBuffer.wrap(new byte[101]))).isInstanceOf(IllegalStateException.class);
        EventStream lines = new EventStream(100, events::add);
        assertThatThrownBy(() -> lines.feed(
                        ByteBuffer.wrap("data: 0123456789\n".repeat(20).getBytes())))
                .isInstanceOf(IllegalStateException.class);
    }

    private void feed(String text) {
        new EventStream(1000, events::add).feed(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }
}
