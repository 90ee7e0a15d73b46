package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class PlainTextTest {
    private static String shown(String text, int piece) throws IOException {
        ByteArrayOutputStream screen = new ByteArrayOutputStream();
        byte[] bytes = text.getBytes(UTF_8);
        try (PlainText plain = new PlainText(screen)) {
            for (int at = 0; at < bytes.length; at += piece) {
                plain.write(bytes, at, Math.min(piece, bytes.length - at));
                plain.flush();
            }
        }
        return screen.toString(UTF_8);
    }

    @Test
    void leavesTextOfEveryLanguageAsItIs() throws IOException {
        String text = "Grüße\t£5 \u00A0ÿ – 日本語 🦊\r\nnext line\n";
        for (int piece = 1; piece < 9; piece++) {
            assertThat(shown(text, piece)).isEqualTo(text);
        }
    }

    @Test
    void makesNoCommandToTheTerminalOfWhatStrangersWrote() throws IOException {
        String text = "a\u001b]0;title\u0007b\u001b[2Jc\u009b31md\u0080e\u007ff\u0000g\bh";
        for (int piece = 1; piece < 9; piece++) {
            assertThat(shown(text, piece))
                    .isEqualTo("a\uFFFD]0;title\uFFFDb\uFFFD[2Jc\uFFFD31md\uFFFDe\uFFFDf\uFFFDg\uFFFDh");
        }
    }

    @Test
    void writesSingleBytesToo() throws IOException {
        ByteArrayOutputStream screen = new ByteArrayOutputStream();
        try (PlainText plain = new PlainText(screen)) {
            for (byte one : "ü\u001b\u0085!".getBytes(UTF_8)) {
                plain.write(one);
            }
        }
        assertThat(screen.toString(UTF_8)).isEqualTo("ü\uFFFD\uFFFD!");
    }
}
