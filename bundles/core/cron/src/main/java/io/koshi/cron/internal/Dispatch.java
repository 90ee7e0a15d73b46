package io.koshi.cron.internal;

import io.koshi.agent.Agent;
import io.koshi.agent.Agent.Ask;
import io.koshi.api.Message;
import io.koshi.api.Part;
import io.koshi.outbox.Outbox;
import io.koshi.store.Tx;
import io.koshi.task.Tasks;
import io.koshi.task.Tasks.Order;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Starts a job's work inside the commit that claims its slot. Thread-safe. */
final class Dispatch {
    private static final int MAX_TITLE = 500;

    private final Tasks tasks;
    private final Agent agent;
    private final Outbox outbox;

    Dispatch(Tasks tasks, Agent agent, Outbox outbox) {
        this.tasks = tasks;
        this.agent = agent;
        this.outbox = outbox;
    }

    /**
     * What was made.
     *
     * @param sessionKey the session in which an agent works on it
     */
    record Started(Optional<String> taskId, Optional<String> runId, Optional<String> sessionKey) {
        static final Started NOTHING = new Started(Optional.empty(), Optional.empty(), Optional.empty());

        /** Whether its end is still to be heard of. */
        boolean open() {
            return taskId.isPresent() || runId.isPresent();
        }
    }

    Started start(Tx tx, Job job, Instant slot) {
        if (job.work() instanceof Work.MakeTask make) {
            return task(tx, job, slot, make);
        }
        if (job.work() instanceof Work.AskAgent ask) {
            String session = ask.message().session().orElse("cron:" + job.name());
            return ask(
                    tx,
                    job,
                    session,
                    ask.replyTo(),
                    ask.message().text(),
                    ask.message().model(),
                    Message.PERSON);
        }
        if (job.work() instanceof Work.Look look) {
            // what it says is looked at before anybody hears it, so it is not the run that answers
            return ask(
                    tx,
                    job,
                    look.heartbeat().session(),
                    Optional.empty(),
                    Heartbeats.prompt(look),
                    look.heartbeat().model(),
                    Message.NOTIFICATION);
        }
        Work.Say say = (Work.Say) job.work();
        outbox.enqueue(tx, say.to(), List.of(new Part.Text(say.text())), Optional.empty(), Optional.empty());
        return Started.NOTHING;
    }

    private Started ask(
            Tx tx,
            Job job,
            String session,
            Optional<io.koshi.api.Address> replyTo,
            String words,
            Optional<String> model,
            int priority) {
        Ask ask =
                new Ask(session, replyTo, List.of(), words, List.of(), model, Optional.empty(), priority, job.trust());
        return new Started(Optional.empty(), Optional.of(agent.enqueue(tx, ask)), Optional.of(session));
    }

    private Started task(Tx tx, Job job, Instant slot, Work.MakeTask make) {
        Optional<String> skill = make.task().skill().or(make.task()::template);
        String prompt = make.prompt();
        Order order = new Order(
                Optional.of(cut(make.task().title().orElse(job.name()))),
                prompt,
                "chat",
                make.task().priority(),
                make.task().project(),
                skill,
                List.of(),
                Optional.of("cron:" + job.id() + ":" + slot),
                List.of());
        if (!make.task().autoRun()) {
            return new Started(Optional.of(tasks.enqueue(tx, order)), Optional.empty(), Optional.empty());
        }
        String taskId = tasks.enqueue(tx, order.runByTheHub(make.task().model()));
        String session = "cron:" + job.id() + ":" + slot.getEpochSecond();
        String runId = agent.enqueue(
                tx,
                new Ask(
                        session,
                        Optional.empty(),
                        List.of(),
                        skill.map(name -> "Use the skill " + name + ".\n").orElse("") + prompt,
                        List.of(),
                        make.task().model(),
                        Optional.of(taskId),
                        make.task().priority(),
                        job.trust()));
        return new Started(Optional.of(taskId), Optional.of(runId), Optional.of(session));
    }

    private static String cut(String title) {
        return title.length() <= MAX_TITLE ? title : title.substring(0, MAX_TITLE);
    }
}
