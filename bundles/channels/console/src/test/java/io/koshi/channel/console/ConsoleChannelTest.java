package io.koshi.channel.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.api.Address;
import io.koshi.api.Part;
import io.koshi.api.Receipt;
import io.koshi.api.Reply;
import io.koshi.event.Event;
import io.koshi.testkit.RecordedEvents;
import java.lang.annotation.Annotation;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConsoleChannelTest {
    private final RecordedEvents heard = new RecordedEvents();

    @Test
    void saysAReplyAsAnEventAndCallsItSent() {
        Reply reply = new Reply(
                "R1",
                Address.of("console", "main"),
                List.of(Part.text("one"), Part.text("two")),
                Optional.of("M1"),
                Instant.now(),
                2,
                true);

        Receipt receipt = new ConsoleChannel(heard, named("console")).send(reply);

        assertThat(receipt).isEqualTo(Receipt.sent());
        Event event = heard.events.get(0);
        assertThat(event.source()).isEqualTo("console");
        assertThat(event.topic()).isEqualTo("console.reply");
        assertThat(event.payload())
                .isEqualTo(new ConsoleChannel.Said(
                        "R1", "console", "main", "one\ntwo", reply.parts(), Optional.of("M1"), true));
    }

    @Test
    void aSecondInstanceSpeaksUnderItsOwnName() {
        new ConsoleChannel(heard, named("console~desk"))
                .send(new Reply(
                        "R2",
                        Address.of("console~desk", "main"),
                        List.of(Part.text("hi")),
                        Optional.empty(),
                        Instant.now(),
                        1,
                        false));
        assertThat(heard.events.get(0).source()).isEqualTo("console~desk");
    }

    private static ConsoleChannel.Config named(String name) {
        return new ConsoleChannel.Config() {
            @Override
            public String koshi_channel_name() {
                return name;
            }

            @Override
            public Class<? extends Annotation> annotationType() {
                return ConsoleChannel.Config.class;
            }
        };
    }
}
