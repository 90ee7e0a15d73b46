package io.koshi.tool.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.model.ToolSpec;
import io.koshi.rpc.Caller;
import io.koshi.tool.Tool;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ToolTableTest {
    private final ToolTable table = new ToolTable();
    private final ToolMethods methods = new ToolMethods(new GuardedTools(table));

    /** A tool that says its description and its arguments. */
    private record Saying(String name, String description) implements Tool {
        @Override
        public ToolSpec spec() {
            if (name.equals("throws")) {
                throw new IllegalStateException("no spec");
            }
            return new ToolSpec(name, description, Map.of("type", "object"));
        }

        @Override
        public boolean readOnly() {
            return true;
        }

        @Override
        public Output run(Context context, Map<String, Object> arguments) throws Exception {
            if (arguments.containsKey("fail")) {
                throw new IOException("disk on fire");
            }
            if (arguments.containsKey("refuse")) {
                throw new KoshiException(ErrorCode.FORBIDDEN, "not this");
            }
            return Output.of(arguments.containsKey("long") ? "x".repeat(200_000) : description + arguments);
        }
    }

    private Object run(String name, Map<String, Object> arguments) throws Exception {
        return methods.execute(new ToolMethods.Ask(name, arguments), Caller.admin("test"))
                .output();
    }

    @Test
    void theFirstOfANameServesAndTheSecondWhenItGoes() throws Exception {
        Tool first = new Saying("read", "first");
        Tool second = new Saying("read", "second");
        table.add(first, "a");
        table.add(second, "b");
        assertThat(run("read", Map.of())).isEqualTo("first{}");
        table.remove(first);
        assertThat(run("read", Map.of("n", 1))).isEqualTo("second{n=1}");
        table.remove(second);
        assertThat(table.list()).isEmpty();
    }

    @Test
    void badNamesAndToolsThatCannotDescribeThemselvesAreNotUsed() {
        table.add(new Saying("Not A Name", ""), "a");
        table.add(new Saying("throws", ""), "a");
        assertThat(table.list()).isEmpty();
    }

    @Test
    void failuresKeepTheirCodeAndSentence() {
        table.add(new Saying("read", ""), "a");
        assertThatThrownBy(() -> run("read", Map.of("fail", 1)))
                .hasMessageContaining("disk on fire")
                .extracting(e -> ((KoshiException) e).code())
                .isEqualTo(ErrorCode.METHOD_ERROR);
        assertThatThrownBy(() -> run("read", Map.of("refuse", 1)))
                .extracting(e -> ((KoshiException) e).code())
                .isEqualTo(ErrorCode.FORBIDDEN);
        assertThatThrownBy(() -> run("other", Map.of()))
                .extracting(e -> ((KoshiException) e).code())
                .isEqualTo(ErrorCode.NOT_FOUND);
    }

    @Test
    void outputIsCut() throws Exception {
        table.add(new Saying("read", ""), "a");
        assertThat((String) run("read", Map.of("long", 1))).hasSize(100_000);
    }
}
