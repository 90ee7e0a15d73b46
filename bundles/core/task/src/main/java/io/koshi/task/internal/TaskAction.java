package io.koshi.task.internal;

import io.koshi.api.Batch;
import io.koshi.api.KoshiException;
import io.koshi.api.Problem;
import io.koshi.api.Trust;
import io.koshi.codec.Codec;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.router.Action;
import io.koshi.router.ActionName;
import io.koshi.store.Tx;
import io.koshi.task.Tasks;
import io.koshi.task.Tasks.Order;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** {@code task: {title, skill?, priority?, project?, type?}} makes a task of a batch; its words are the prompt. */
@Component(name = "io.koshi.task.action", service = Action.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@ActionName("task")
public final class TaskAction implements Action {
    private static final int MAX_TITLE = 500;
    private static final int MAX_PROMPT = 1_000_000;

    private final Tasks tasks;
    private final Codec codec;

    @Activate
    public TaskAction(@Reference Tasks tasks, @Reference Codec codec) {
        this.tasks = tasks;
        this.codec = codec;
    }

    record Argument(
            @Range(min = 1) String title,
            Optional<String> skill,
            @Default("100") @Range(min = 0, max = 1000) int priority,
            Optional<String> project,
            @Default("\"chat\"") Kind type) {}

    /** Types of task a rule may make. */
    enum Kind {
        CHAT,
        PYTHON,
        SHELL,
        HUMAN
    }

    @Override
    public List<Problem> check(Object argument) {
        try {
            read(argument);
            return List.of();
        } catch (KoshiException e) {
            return e.details().isEmpty() ? List.of(new Problem("", e.getMessage())) : e.details();
        }
    }

    @Override
    public boolean perMessage() {
        return true;
    }

    @Override
    public Outcome apply(Tx tx, Batch batch, Object argument) {
        Argument task = read(argument);
        String words = batch.entries().stream()
                .map(entry -> entry.message().text())
                .filter(text -> !text.isBlank())
                .collect(Collectors.joining("\n"));
        tasks.enqueue(
                tx,
                new Order(
                                Optional.of(cut(task.title(), MAX_TITLE)),
                                cut(words.isEmpty() ? task.title() : words, MAX_PROMPT),
                                task.type().name().toLowerCase(java.util.Locale.ROOT),
                                task.priority(),
                                task.project(),
                                task.skill(),
                                List.of(),
                                Optional.empty(),
                                batch.ids())
                        .trusted(trust(batch)));
        return Outcome.DONE;
    }

    private static Trust trust(Batch batch) {
        return batch.entries().stream()
                .map(entry -> entry.message().trust())
                .max(Comparator.naturalOrder())
                .orElse(Trust.LOW);
    }

    private Argument read(Object argument) {
        return codec.fromData(argument instanceof String title ? Map.of("title", title) : argument, Argument.class);
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most);
    }
}
