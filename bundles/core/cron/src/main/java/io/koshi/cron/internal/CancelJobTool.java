package io.koshi.cron.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.model.ToolSpec;
import io.koshi.tool.Tool;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** {@code cancel_job}: the agent takes a job off. Thread-safe. */
@Component(name = "io.koshi.cron.cancel", service = Tool.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class CancelJobTool implements Tool {
    private static final ToolSpec SPEC = new ToolSpec(
            "cancel_job",
            "Takes a job off that was scheduled.",
            Map.of(
                    "type",
                    "object",
                    "properties",
                    Map.of(
                            "id",
                            Map.of(
                                    "type",
                                    "string",
                                    "description",
                                    "Its id or name.",
                                    "minLength",
                                    1,
                                    "maxLength",
                                    100)),
                    "required",
                    List.of("id"),
                    "additionalProperties",
                    false));

    private final Register register;

    @Activate
    public CancelJobTool(@Reference Register register) {
        this.register = register;
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
    public Output run(Context context, Map<String, Object> arguments) {
        try {
            JobTable.Stored job = register.remove((String) arguments.get("id"));
            return Output.of("Job cancelled: " + job.name() + " (id: " + job.id() + ")");
        } catch (KoshiException e) {
            if (e.code() == ErrorCode.NOT_FOUND) {
                return Output.failed("Job not found or already fired/cancelled.");
            }
            throw e;
        }
    }
}
