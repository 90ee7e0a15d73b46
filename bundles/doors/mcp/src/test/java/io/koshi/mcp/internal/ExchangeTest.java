package io.koshi.mcp.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ExchangeTest {
    private final Exchange exchange = new Exchange();
    private final List<String> heard = new ArrayList<>();

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(Exchange.Said said) {
        return said.number() + new String(said.json(), StandardCharsets.UTF_8) + (said.last() ? "." : "");
    }

    @Test
    void saysHowFarItIsAndThenTheAnswer() {
        exchange.listen(0, said -> heard.add(text(said)));
        exchange.progress(bytes("a"));
        exchange.progress(bytes("b"));
        exchange.end(Optional.of(bytes("c")));
        exchange.progress(bytes("too late"));
        assertThat(heard).containsExactly("1a", "2b", "3c.");
        assertThat(exchange.done().join())
                .hasValueSatisfying(answer -> assertThat(answer).isEqualTo(bytes("c")));
    }

    @Test
    void saysNothingMoreOnceItIsCalledOff() {
        exchange.listen(0, said -> heard.add(text(said)));
        assertThat(exchange.end(Optional.empty())).isTrue();
        assertThat(exchange.end(Optional.of(bytes("an answer")))).isFalse();
        assertThat(heard).containsExactly("1.");
        assertThat(exchange.done().join()).isEmpty();
    }

    @Test
    void tellsOneWhoComesBackWhatCameSince() {
        exchange.progress(bytes("a"));
        exchange.progress(bytes("b"));
        exchange.listen(0, said -> heard.add(text(said)));
        exchange.listen(2, said -> heard.add("again " + text(said)));
        exchange.end(Optional.of(bytes("c")));
        assertThat(heard).containsExactly("2b", "again 3c.");
        exchange.listen(2, said -> heard.add("late " + text(said)));
        assertThat(heard).endsWith("late 3c.");
    }

    @Test
    void givesOneWhoTakesItPieceByPieceEveryPieceOnce() {
        CompletableFuture<Exchange.Said> first = exchange.next();
        assertThat(first).isNotDone();
        exchange.progress(bytes("a"));
        assertThat(text(first.join())).isEqualTo("1a");
        exchange.progress(bytes("b"));
        exchange.progress(bytes("c"));
        exchange.end(Optional.of(bytes("d")));
        assertThat(text(exchange.next().join())).isEqualTo("3c");
        assertThat(text(exchange.next().join())).isEqualTo("4d.");
    }

    @Test
    void forgetsAListenerThatLeftAndNoOther() {
        Consumer<Exchange.Said> old = said -> heard.add("old");
        exchange.listen(0, old);
        exchange.listen(0, said -> heard.add(text(said)));
        exchange.deafen(old);
        exchange.progress(bytes("a"));
        assertThat(heard).containsExactly("1a");
    }
}
