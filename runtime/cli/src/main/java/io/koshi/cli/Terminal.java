package io.koshi.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The person's terminal as a full screen: keys one by one, its size, and everything as it was at the end. Confined to
 * one thread.
 */
final class Terminal implements AutoCloseable {
    private static final String ENTER = "\033[?1049h\033[?25l\033[2J";
    private static final String LEAVE = "\033[?25h\033[?1049l";

    private final PrintStream out;
    private final String before;
    private final InputStream keys;
    private String shown;
    private final Thread rescue = new Thread(this::restore);

    private Terminal(PrintStream out, String before, InputStream keys) {
        this.out = out;
        this.before = before;
        this.keys = keys;
    }

    /** Whether a person sees what is printed. */
    static boolean there() {
        return System.console() != null && !"dumb".equals(System.getenv("TERM"));
    }

    static Terminal open() throws IOException, InterruptedException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        String before = stty("-g").strip();
        Terminal terminal = new Terminal(out, before, new FileInputStream("/dev/tty"));
        Runtime.getRuntime().addShutdownHook(terminal.rescue);
        terminal.enter();
        return terminal;
    }

    /** Ctrl-Z comes as a key: stopped in this mode, the terminal would read as ended to a plain shell, which then ends. */
    private void enter() throws IOException, InterruptedException {
        stty("-icanon", "-echo", "min", "0", "time", "2", "susp", "undef");
        out.print(ENTER);
        out.flush();
        shown = null;
    }

    /** Stops as Ctrl-Z does, with the terminal as it was, until the shell lets it go on. */
    private void suspend() throws IOException, InterruptedException {
        restore();
        String self = Long.toString(ProcessHandle.current().pid());
        new ProcessBuilder("kill", "-TSTP", self).start().waitFor();
        enter();
    }

    /** Lines and columns. */
    record Size(int lines, int columns) {}

    Size size() throws IOException, InterruptedException {
        String[] words = stty("size").strip().split(" ");
        int lines = words.length == 2 ? Integer.parseInt(words[0]) : 24;
        int columns = words.length == 2 ? Integer.parseInt(words[1]) : 80;
        return new Size(Math.max(1, lines), Math.max(1, columns));
    }

    /** The next key within 0.2 s: a character, {@code up}, {@code down}, or empty for none. */
    String key() throws IOException, InterruptedException {
        int first = keys.read();
        if (first < 0) {
            return "";
        }
        if (first == 26) {
            suspend();
            return "";
        }
        if (first == 12) {
            shown = null; // Ctrl-L: all anew
        }
        if (first == 27) {
            int second = keys.read();
            int third = second == '[' || second == 'O' ? keys.read() : -1;
            return third == 'A' ? "up" : third == 'B' ? "down" : third < 0 ? "escape" : "";
        }
        return String.valueOf((char) first);
    }

    /** Shows lines from the top; the rest of the screen is empty. */
    void show(List<String> lines) {
        StringBuilder screen = new StringBuilder("\033[H");
        for (int i = 0; i < lines.size(); i++) {
            screen.append(lines.get(i)).append("\033[0m\033[K").append(i + 1 < lines.size() ? "\r\n" : "");
        }
        String all = screen.append("\033[J").toString();
        if (!all.equals(shown)) { // the same again is not sent again
            out.print(all);
            out.flush();
            shown = all;
        }
    }

    @Override
    public void close() throws IOException {
        Runtime.getRuntime().removeShutdownHook(rescue);
        restore();
        keys.close();
    }

    private void restore() {
        out.print(LEAVE);
        out.flush();
        try {
            stty(before);
        } catch (IOException | InterruptedException e) {
            out.println("Type 'reset' if the terminal does not show what you type.");
        }
    }

    private static String stty(String... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("stty"));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command)
                .redirectInput(new java.io.File("/dev/tty"))
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        if (process.waitFor() != 0) {
            throw new IOException("this terminal cannot be set up: " + said.strip());
        }
        return said;
    }
}
