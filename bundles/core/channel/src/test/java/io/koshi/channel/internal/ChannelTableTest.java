package io.koshi.channel.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.api.Channel;
import io.koshi.api.ChannelState;
import io.koshi.api.Receipt;
import io.koshi.api.Reply;
import io.koshi.channel.Channels;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ChannelTableTest {
    private final ChannelTable table = new ChannelTable();

    private static Channel channel() {
        return new Channel() {
            @Override
            public Receipt send(Reply reply) {
                return Receipt.sent();
            }
        };
    }

    @Test
    void theNewerOfTwoServesAndTheOlderAgainWhenItGoes() {
        Channel older = channel();
        Channel newer = channel();
        table.add("chat", "chat", older);
        table.add("chat", "chat", newer);
        assertThat(table.find("chat")).containsSame(newer);
        table.remove("chat", newer);
        assertThat(table.find("chat")).containsSame(older);
        table.remove("chat", older);
        assertThat(table.find("chat")).isEmpty();
        assertThat(table.list()).isEmpty();
    }

    @Test
    void tellsWhoComesAndGoesAfterTheTableHasChanged() throws Exception {
        List<String> told = new ArrayList<>();
        AutoCloseable listening =
                table.onChange(name -> told.add(name + (table.find(name).isPresent() ? " here" : " gone")));
        Channel chat = channel();
        table.add("chat", "chat", chat);
        table.remove("chat", chat);
        listening.close();
        table.add("chat", "chat", chat);
        assertThat(told).containsExactly("chat here", "chat gone");
    }

    @Test
    void aListenerThatFailsHarmsNoOther() {
        List<String> told = new ArrayList<>();
        table.onChange(name -> {
            throw new IllegalStateException("a listener's bug");
        });
        table.onChange(told::add);
        table.add("chat", "chat", channel());
        assertThat(told).containsExactly("chat");
    }

    @Test
    void aChannelThatCannotSayItsStateIsDown() {
        table.add("bad", "bad", new Channel() {
            @Override
            public Receipt send(Reply reply) {
                return Receipt.sent();
            }

            @Override
            public ChannelState state() {
                throw new IllegalStateException("broken");
            }
        });
        Channels.Info info = table.list().get(0);
        assertThat(info.state().link()).isEqualTo(ChannelState.Link.DOWN);
        assertThat(info.state().detail())
                .hasValueSatisfying(detail -> assertThat(detail).contains("broken"));
    }
}
