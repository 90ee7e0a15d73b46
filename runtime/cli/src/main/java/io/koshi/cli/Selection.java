package io.koshi.cli;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which task of a list a person has chosen: it stays chosen while others come before it, so that a key never changes
 * another one. Confined to one thread.
 */
final class Selection {
    private List<?> tasks = List.of();
    private Object id;
    private int index;

    /** Shows a new list; where the chosen task is no longer in it, the one in its place is chosen. */
    void show(List<?> now) {
        tasks = now;
        for (int i = 0; i < tasks.size(); i++) {
            if (id != null && id.equals(id(i))) {
                index = i;
                return;
            }
        }
        choose(index);
    }

    void up() {
        choose(index - 1);
    }

    void down() {
        choose(index + 1);
    }

    /** Chooses the first one, of a list that begins anew. */
    void first() {
        id = null;
        index = 0;
    }

    int index() {
        return index;
    }

    Optional<Object> id() {
        return Optional.ofNullable(id);
    }

    private void choose(int wanted) {
        index = Math.max(0, Math.min(wanted, tasks.size() - 1));
        id = tasks.isEmpty() ? null : id(index);
    }

    private Object id(int at) {
        return ((Map<?, ?>) tasks.get(at)).get("taskId");
    }
}
