package io.koshi.cron.internal;

import io.koshi.api.KoshiException;
import io.koshi.model.ToolSpec;
import io.koshi.session.Sessions;
import io.koshi.tool.Tool;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** {@code schedule_job}: the agent has something said or done later. Thread-safe. */
@Component(name = "io.koshi.cron.schedule", service = Tool.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class ScheduleJobTool implements Tool {
    private static final ToolSpec SPEC = new ToolSpec(
            "schedule_job",
            "Has something said (notify) or done by you (spawn) later, once or again and again. Give either schedule_at"
                    + " or repeat_cron.",
            Map.of(
                    "type",
                    "object",
                    "properties",
                    Map.of(
                            "name",
                            text("What it is called.", 100),
                            "schedule_at",
                            text("The moment, ISO-8601, such as 2026-12-01T09:00 or 2026-12-01T09:00:00Z.", 100),
                            "repeat_cron",
                            text("Its times, such as 30 7 * * 1-5, @daily or every 2h.", 500),
                            "timezone",
                            text("An IANA zone such as Europe/Helsinki; the hub's unless told.", 100),
                            "payload_type",
                            Map.of(
                                    "type",
                                    "string",
                                    "enum",
                                    List.of("notify", "spawn"),
                                    "description",
                                    "notify says the payload in this conversation, spawn has it done."),
                            "payload",
                            text("What is said, or what is to be done.", 100_000)),
                    "required",
                    List.of("name", "payload"),
                    "additionalProperties",
                    false));

    private final Register register;
    private final Sessions sessions;

    @Activate
    public ScheduleJobTool(@Reference Register register, @Reference Sessions sessions) {
        this.register = register;
        this.sessions = sessions;
    }

    private static Map<String, Object> text(String description, int most) {
        return Map.of("type", "string", "minLength", 1, "maxLength", most, "description", description);
    }

    @Override
    public ToolSpec spec() {
        return SPEC;
    }

    @Override
    public boolean readOnly() {
        return false;
    }

    @Override
    public Audience audience() {
        return Audience.COORDINATOR;
    }

    @Override
    public boolean carriesTrust() {
        return true;
    }

    @Override
    public Output run(Context context, Map<String, Object> arguments) {
        String name = (String) arguments.get("name");
        String payload = (String) arguments.get("payload");
        Optional<String> zone = Optional.ofNullable((String) arguments.get("timezone"));
        String schedule = schedule(arguments);
        Spec spec = "spawn".equals(arguments.get("payload_type"))
                ? Reminders.ask(name, schedule, zone, sessions.address(context.sessionKey()), payload)
                : Reminders.say(name, schedule, zone, Reminders.here(sessions, context.sessionKey()), payload);
        Register.Added added = register.add(spec, context.trust());
        return Output.of("Job scheduled: " + added.name() + " (id: " + added.id() + ") — fires at "
                + added.nextAt().map(Instant::toString).orElse("the next start"));
    }

    private static String schedule(Map<String, Object> arguments) {
        String at = (String) arguments.get("schedule_at");
        String repeat = (String) arguments.get("repeat_cron");
        if ((at == null) == (repeat == null)) {
            throw KoshiException.invalid("", "give either schedule_at or repeat_cron");
        }
        if (at == null) {
            return repeat;
        }
        try {
            return "at " + Instant.parse(at).truncatedTo(ChronoUnit.SECONDS);
        } catch (DateTimeParseException local) {
            return "at " + at;
        }
    }
}
