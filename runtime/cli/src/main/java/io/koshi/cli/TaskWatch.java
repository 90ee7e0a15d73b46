package io.koshi.cli;

import java.io.EOFException;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code koshi task watch}: the task queue as a full screen that follows it, over restarts of the hub too. Without a
 * terminal it prints events, a line each. Confined to one thread.
 */
final class TaskWatch {
    private static final long REFRESH_MS = 1000;
    private static final List<String> FILTERS =
            Arrays.asList(null, "queued", "leased", "blocked", "waiting", "done", "failed", "cancelled");

    private final Invocation call;
    private final Terminal terminal;
    private Link link;
    private Map<?, ?> stats = Map.of();
    private List<?> tasks = List.of();
    private Map<?, ?> detail;
    private final Selection chosen = new Selection();
    private int filter;
    private String said;

    private TaskWatch(Invocation call, Terminal terminal) {
        this.call = call;
        this.terminal = terminal;
    }

    static int run(Words words, Invocation call) throws IOException, InterruptedException {
        words.done();
        if (call.json() || !Terminal.there()) {
            return Watch.run(new Words("watch", List.of("task.*")), call);
        }
        if (Link.open(call.place().socket(), call.run()).isEmpty()) {
            throw Failure.notRunning(call.place());
        }
        try (Terminal terminal = Terminal.open()) {
            new TaskWatch(call, terminal).follow();
        }
        return 0;
    }

    private void follow() throws IOException, InterruptedException {
        long next = 0;
        Terminal.Size size = terminal.size();
        while (true) {
            long now = System.nanoTime() / 1_000_000;
            boolean due = now - next >= 0;
            if (due) {
                size = terminal.size();
                load(TaskScreen.room(size.lines()));
                next = now + REFRESH_MS;
            }
            terminal.show(TaskScreen.lines(
                    new TaskScreen.View(stats, tasks, chosen.index(), FILTERS.get(filter), detail, said),
                    size.lines(),
                    size.columns(),
                    Instant.now()));
            String key = terminal.key();
            if (key.equals("q") || key.equals("escape") || key.equals("\u0003")) {
                return;
            }
            if (!key.isEmpty()) {
                said = null;
                press(key);
                next = now;
            }
        }
    }

    private void press(String key) {
        switch (key) {
            case "f" -> {
                filter = (filter + 1) % FILTERS.size();
                chosen.first();
            }
            case "up", "k" -> chosen.up();
            case "down", "j" -> chosen.down();
            case "a" -> change("task.approve");
            case "t" -> change("task.retry");
            case "x" -> change("task.cancel");
            default -> said = null;
        }
    }

    private void change(String method) {
        chosen.id().ifPresent(id -> {
            try {
                link().ask(method, Map.of("taskId", id), Invocation.DEADLINE_MS);
                said = method.substring(5) + ": done";
            } catch (Failure refused) {
                said = refused.getMessage();
            } catch (IOException gone) {
                lost();
            }
        });
    }

    private void load(int room) {
        try {
            stats = link().ask("task.stats", Map.of(), Invocation.DEADLINE_MS);
            int limit = Math.max(50, room * 2);
            tasks = filter > 0 ? listed(FILTERS.get(filter), limit) : busyFirst(limit);
            chosen.show(tasks);
            Optional<Object> id = chosen.id();
            detail = id.isEmpty() ? null : link().ask("task.get", Map.of("taskId", id.get()), Invocation.DEADLINE_MS);
        } catch (Failure refused) {
            said = refused.getMessage();
        } catch (IOException gone) {
            lost();
        }
    }

    /** What is under way, then the newest: of a thousand that wait nobody wants to see only the last. */
    private List<?> busyFirst(int limit) throws IOException {
        List<Object> all = new ArrayList<>(listed("leased", limit));
        Set<Object> known = new HashSet<>();
        all.forEach(task -> known.add(((Map<?, ?>) task).get("taskId")));
        listed(null, limit).stream()
                .filter(task -> !known.contains(((Map<?, ?>) task).get("taskId")))
                .forEach(all::add);
        return all;
    }

    private List<?> listed(String status, int limit) throws IOException {
        Map<String, Object> query = new LinkedHashMap<>();
        query.put("limit", limit);
        Tasks.put(query, "status", status);
        return link().ask("task.list", query, Invocation.DEADLINE_MS).get("tasks") instanceof List<?> list
                ? list
                : List.of();
    }

    private Link link() throws IOException {
        if (link == null) {
            link = Link.open(call.place().socket(), call.run())
                    .orElseThrow(() -> new EOFException("the hub is not running"));
        }
        return link;
    }

    private void lost() {
        if (link != null) {
            link.close();
            link = null;
        }
        said = "the hub is not running; this goes on when it is back";
    }
}
