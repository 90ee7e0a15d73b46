package io.koshi.openai.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.model.Tokens;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CutTest {
    private static final List<String> NONE = List.of();

    private static Cut stops(String... stops) {
        return new Cut(List.of(stops), OptionalInt.empty());
    }

    @Test
    void givesEverythingWhereNothingIsWished() {
        Cut cut = stops();
        assertThat(cut.take("one ")).isEqualTo("one ");
        assertThat(cut.take("two")).isEqualTo("two");
        assertThat(cut.rest()).isEmpty();
        assertThat(cut.reason()).isEmpty();
    }

    @Test
    void findsAStopSequenceThatComesInPieces() {
        Cut cut = stops("STOP");
        assertThat(cut.take("goes S")).isEqualTo("goes ");
        assertThat(cut.take("T")).isEmpty();
        assertThat(cut.take("AR, ST")).isEqualTo("STAR, ");
        assertThat(cut.take("OP and more")).isEmpty();
        assertThat(cut.reason()).hasValue("stop");
        assertThat(cut.take("and more")).isEmpty();
        assertThat(cut.rest()).isEmpty();
    }

    @Test
    void givesAtTheEndWhatOnlyLookedLikeAStopSequence() {
        Cut cut = stops("STOP");
        assertThat(cut.take("no STO")).isEqualTo("no ");
        assertThat(cut.rest()).isEqualTo("STO");
        assertThat(cut.reason()).isEmpty();
    }

    @Test
    void endsBeforeTheFirstOfSeveral() {
        assertThat(stops("b", "ab").take("xxabxx")).isEqualTo("xx");
        assertThat(stops("ab", "b").take("xxabxx")).isEqualTo("xx");
    }

    @Test
    void countsTokensAsTheHubDoes() {
        Cut cut = new Cut(NONE, OptionalInt.of(2));
        assertThat(cut.take("01234")).isEqualTo("01234");
        assertThat(cut.take("56789")).isEqualTo("567");
        assertThat(cut.reason()).hasValue("length");
        assertThat(cut.take("more")).isEmpty();
        Cut wide = new Cut(NONE, OptionalInt.of(1));
        assertThat(wide.take("😀😀")).isEqualTo("😀");
    }

    @Test
    void cutsTheSameHoweverTheWordsCome() {
        Random random = new Random(7);
        for (int round = 0; round < 2_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(40); i > 0; i--) {
                text.append("abé".charAt(random.nextInt(3)));
            }
            List<String> stops = List.of("aab", "ba", "éé");
            int most = 1 + random.nextInt(12);
            int stop = stops.stream()
                    .mapToInt(text::indexOf)
                    .filter(at -> at >= 0)
                    .min()
                    .orElse(text.length());
            String wanted = Tokens.cut(text.substring(0, stop), most);
            Cut cut = new Cut(stops, OptionalInt.of(most));
            StringBuilder given = new StringBuilder();
            for (int from = 0; from < text.length(); ) {
                int to = Math.min(text.length(), from + 1 + random.nextInt(4));
                given.append(cut.take(text.substring(from, to)));
                from = to;
            }
            given.append(cut.rest());
            assertThat(given).as("%s, %d", text, most).hasToString(wanted);
        }
    }
}
