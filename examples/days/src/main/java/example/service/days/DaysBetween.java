package example.service.days;

import io.koshi.api.KoshiException;
import io.koshi.model.ToolSpec;
import io.koshi.tool.Tool;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;

/** A tool: counts the days from one date to another, which models are bad at. */
@Component(name = "example.service.days", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class DaysBetween implements Tool {
    private static final Map<String, Object> DATE = Map.of("type", "string", "format", "date");

    @Override
    public ToolSpec spec() {
        return new ToolSpec(
                "days_between",
                "Counts the days from one date to another.",
                Map.of(
                        "type", "object",
                        "properties", Map.of("from", DATE, "to", DATE),
                        "required", List.of("from", "to")));
    }

    @Override
    public boolean readOnly() {
        return true;
    }

    @Override
    public Output run(Context context, Map<String, Object> arguments) {
        return Output.of(ChronoUnit.DAYS.between(date(arguments, "from"), date(arguments, "to")) + " days");
    }

    private static LocalDate date(Map<String, Object> arguments, String name) {
        try {
            return LocalDate.parse(String.valueOf(arguments.get(name)));
        } catch (DateTimeParseException e) {
            throw KoshiException.invalid("/" + name, "write a date as 2026-11-21");
        }
    }
}
