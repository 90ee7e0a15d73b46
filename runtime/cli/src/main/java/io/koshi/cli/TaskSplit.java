package io.koshi.cli;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * {@code koshi task split}: sends the lines of a file in numbered pieces, never all in memory, and shows how far the
 * tasks are that they became. Confined to one thread.
 */
final class TaskSplit {
    private static final int PIECE = 500;
    private static final int PIECE_CHARACTERS = 1 << 20;
    private static final int BAR = 30;

    private static final long SOONEST_MS = 100;
    private static final long LATEST_MS = 2000;

    private final Invocation call;
    private Link link;

    private TaskSplit(Invocation call, Link link) {
        this.call = call;
        this.link = link;
    }

    static int run(Words words, Invocation call) throws IOException, InterruptedException {
        Map<String, Object> plan = new LinkedHashMap<>();
        for (String name :
                List.of("prompt", "title", "project", "skill", "model", "type", "aggregate", "policy", "splitter")) {
            Tasks.put(plan, name, words.option("--" + name));
        }
        plan.put("batch", words.number(1, "--batch"));
        String threshold = words.option("--threshold");
        if (threshold != null) {
            plan.put("threshold", share(threshold));
        }
        String requestId = words.option("--request-id");
        plan.put("requestId", requestId == null ? "cli:" + UUID.randomUUID() : requestId);
        boolean wait = !words.flag("--no-wait");
        String file = words.next();
        words.done();
        if (!plan.containsKey("prompt")) {
            throw Failure.usage("Say what each batch is to do: --prompt; see 'koshi task --help'.");
        }
        if (plan.containsKey("splitter") && file != null) {
            throw Failure.usage("Items come from a file or from a splitter, not from both.");
        }
        TaskSplit split = new TaskSplit(call, call.reach());
        try {
            String id = split.begin(plan);
            if (!plan.containsKey("splitter")) {
                try (InputStream in = file == null || file.equals("-") ? call.in() : open(file)) {
                    split.send(id, in);
                }
            }
            return split.finish(id, wait);
        } finally {
            split.link.close();
        }
    }

    /** Asks, over restarts of the hub too: what is sent again changes nothing. */
    private Map<?, ?> ask(String method, Map<String, ?> params) throws InterruptedException {
        long pause = 0;
        while (true) {
            try {
                if (pause > 0) {
                    link.close();
                    link = Link.open(call.place().socket(), call.run())
                            .orElseThrow(() -> new EOFException("the hub is not running"));
                }
                return link.ask(method, params, Invocation.DEADLINE_MS);
            } catch (Failure failure) {
                if (!failure.code().equals("SERVICE_UNAVAILABLE")) {
                    throw failure;
                }
            } catch (IOException gone) {
                if (pause == 0) {
                    call.err().println("The hub went away; waiting for it.");
                }
            }
            pause = Math.min(LATEST_MS, Math.max(SOONEST_MS, pause * 2));
            Pause.of(pause);
        }
    }

    private static double share(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw Failure.usage("--threshold takes a share from 0 to 1, not '" + text + "'.");
        }
    }

    private static InputStream open(String file) throws IOException {
        try {
            return Files.newInputStream(Path.of(file));
        } catch (NoSuchFileException e) {
            throw Failure.usage("There is no file " + file + ".");
        }
    }

    private String begin(Map<String, Object> plan) throws InterruptedException {
        return (String) ask("task.split", plan).get("splitId");
    }

    private void send(String id, InputStream in) throws IOException, InterruptedException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        List<Object> piece = new ArrayList<>();
        long sent = 0;
        int characters = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.isBlank()) {
                continue;
            }
            piece.add(item(line));
            characters += line.length();
            if (piece.size() == PIECE || characters > PIECE_CHARACTERS) {
                sent = add(id, piece, sent, false);
                characters = 0;
            }
        }
        add(id, piece, sent, true);
    }

    /** A line of JSON is what it says; any other is a text. */
    private static Object item(String line) {
        char first = line.strip().charAt(0);
        if (first == '{' || first == '[' || first == '"') {
            try {
                return Json.read(line);
            } catch (IllegalArgumentException text) {
                return line;
            }
        }
        return line;
    }

    private long add(String id, List<Object> piece, long sent, boolean last) throws InterruptedException {
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("splitId", id);
        params.put("items", List.copyOf(piece));
        params.put("from", sent);
        params.put("last", last);
        Map<?, ?> now = ask("task.split", params);
        long all = sent + piece.size();
        piece.clear();
        if (!call.json() && Terminal.there()) {
            call.err().print("\r" + all + " items, " + now.get("batches") + " batches ");
        }
        return all;
    }

    private int finish(String id, boolean wait) throws InterruptedException {
        Map<?, ?> task = task(id);
        boolean shown = !call.json() && Terminal.there();
        while (wait && !List.of("done", "failed", "cancelled").contains(task.get("status"))) {
            if (shown) {
                call.err().print("\r" + bar(task));
            }
            Pause.of(300);
            task = task(id);
        }
        if (shown) {
            call.err().println("\r" + bar(task));
        }
        if (!call.printed(task)) {
            Object result = task.get("result");
            if (result == null && task.get("resultRef") != null) {
                text((String) task.get("resultRef"));
            } else {
                call.out().println(result != null ? result : id + " is " + task.get("status"));
            }
        }
        return wait && !"done".equals(task.get("status")) ? Failure.FAILED : 0;
    }

    /** Prints a long result as it comes. */
    private void text(String ref) throws InterruptedException {
        Object from = 0L;
        while (from != null) {
            Map<?, ?> piece = ask("task.text", Map.of("ref", ref, "from", from));
            call.out().print(piece.get("text"));
            from = piece.get("next");
        }
    }

    private Map<?, ?> task(String id) throws InterruptedException {
        return ask("task.get", Map.of("taskId", id));
    }

    /** {@code [######······] 120/200 batches, 3 failed; the aggregator is blocked}. */
    static String bar(Map<?, ?> task) {
        Map<?, ?> split = task.get("split") instanceof Map<?, ?> progress ? progress : Map.of();
        long batches = number(split, "batches");
        long failed = number(split, "failed");
        long ended = number(split, "done") + failed;
        int full = batches == 0 ? 0 : (int) (BAR * ended / batches);
        return "[" + "#".repeat(full) + "\u00b7".repeat(BAR - full) + "] " + ended + "/" + batches + " batches"
                + (failed > 0 ? ", " + failed + " failed" : "") + "; the aggregator is " + task.get("status") + "   ";
    }

    private static long number(Map<?, ?> map, String name) {
        return map.get(name) instanceof Long value ? value : 0;
    }
}
