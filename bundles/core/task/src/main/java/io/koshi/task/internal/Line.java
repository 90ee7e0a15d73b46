package io.koshi.task.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Those queued tasks that the same workers can do.
 *
 * @param model the one they name, which their worker has to have; empty for those that name none
 */
record Line(Kind kind, String model) {
    static final String ANY = "";

    /** As a record's own; the first of those in a process costs a start several milliseconds. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Line line && line.kind == kind && line.model.equals(model);
    }

    @Override
    public int hashCode() {
        return 31 * kind.hashCode() + model.hashCode();
    }

    /** Those for a worker that does some kinds and has some models. */
    static List<Line> of(Set<Kind> kinds, Set<String> models) {
        List<Line> lines = new ArrayList<>(kinds.size() + models.size());
        kinds.forEach(kind -> lines.add(new Line(kind, ANY)));
        if (kinds.contains(Kind.CHAT)) {
            models.forEach(model -> lines.add(new Line(Kind.CHAT, model)));
        }
        return lines;
    }
}
