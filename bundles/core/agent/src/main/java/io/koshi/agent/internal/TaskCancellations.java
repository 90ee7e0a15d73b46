package io.koshi.agent.internal;

import io.koshi.codec.Codec;
import io.koshi.event.Event;
import io.koshi.event.Events;
import io.koshi.event.Subscription;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Ends the run of a task that somebody calls off. Thread-safe. */
@Component(
        name = "io.koshi.agent.cancellations",
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class TaskCancellations {
    private final TurnRoom room;
    private final Codec codec;
    private final Subscription subscription;

    @Activate
    public TaskCancellations(@Reference TurnRoom room, @Reference Events events, @Reference Codec codec) {
        this.room = room;
        this.codec = codec;
        this.subscription = events.subscribe(List.of("task.cancelled"), -1, this::cancelled);
    }

    private void cancelled(Event event) {
        if (codec.toData(event.payload()) instanceof Map<?, ?> task && task.get("taskId") instanceof String taskId) {
            room.turns().ofTask(taskId).forEach(room::abort);
        }
    }

    @Deactivate
    void close() {
        subscription.close();
    }
}
