package io.koshi.mcp.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.rpc.Caller;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class GuestTest {
    private final Guest guest = new Guest("id", Caller.admin("test"), "2025-06-18");
    private final List<String> calledOff = new ArrayList<>();

    private Exchange running(Object requestId) {
        Exchange exchange = new Exchange();
        guest.runs(requestId, exchange, () -> calledOff.add(String.valueOf(requestId)));
        return exchange;
    }

    private static Optional<byte[]> answer(int length) {
        return Optional.of("x".repeat(length).getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void callsOffTheRequestThatIsMeantAndNoOther() {
        running(7L);
        running("7");
        guest.callOff(8L);
        guest.callOff(null);
        guest.callOff("7");
        assertThat(calledOff).containsExactly("7");
        guest.callOff(7L);
        assertThat(calledOff).containsExactly("7", "7");
    }

    @Test
    void whatHasEndedIsNotCalledOff() {
        running(1L).end(answer(1));
        guest.callOff(1L);
        assertThat(calledOff).isEmpty();
    }

    @Test
    void keepsTheLastFewAnswersForOneWhoComesBack() {
        List<Exchange> exchanges = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Exchange exchange = new Exchange();
            guest.keep(exchange);
            exchanges.add(exchange);
        }
        exchanges.forEach(
                exchange -> assertThat(guest.exchange(exchange.ticket())).isPresent());
        exchanges.forEach(exchange -> exchange.end(answer(1)));
        assertThat(guest.exchange(exchanges.get(1).ticket())).isEmpty();
        exchanges
                .subList(2, 6)
                .forEach(exchange ->
                        assertThat(guest.exchange(exchange.ticket())).isPresent());
    }

    @Test
    void keepsNeitherWhatIsLongNorWhatWasCalledOff() {
        Exchange large = new Exchange();
        Exchange calledOffOne = new Exchange();
        guest.keep(large);
        guest.keep(calledOffOne);
        large.end(answer(1 << 20));
        calledOffOne.end(Optional.empty());
        assertThat(guest.exchange(large.ticket())).isEmpty();
        assertThat(guest.exchange(calledOffOne.ticket())).isEmpty();
    }

    @Test
    void holdsWhatWillBeAskedForUntilItIsForgotten() {
        List<Exchange> exchanges = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Exchange exchange = new Exchange();
            guest.hold(exchange);
            exchange.end(answer(1 << 20));
            exchanges.add(exchange);
        }
        exchanges.forEach(
                exchange -> assertThat(guest.exchange(exchange.ticket())).isPresent());
        exchanges.forEach(guest::forget);
        exchanges.forEach(
                exchange -> assertThat(guest.exchange(exchange.ticket())).isEmpty());
    }

    @Test
    void aListenerThatLeftDoesNotDeafenTheNext() {
        List<String> heard = new ArrayList<>();
        Consumer<Guest.Notice> old = notice -> heard.add("old");
        guest.listen(-1, old);
        guest.listen(-1, notice -> heard.add("new " + notice.number()));
        guest.deafen(old);
        guest.tell(new byte[] {1});
        assertThat(heard).containsExactly("new 1");
        guest.listen(0, notice -> heard.add("back " + notice.number()));
        assertThat(heard).containsExactly("new 1", "back 1");
    }
}
