package io.koshi.tool.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.model.ToolSpec;
import io.koshi.tool.Tool;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ToolTableTest {
    private final ToolTable table = new ToolTable();

    /** A tool that cannot say what it is. */
    private static final class Mute implements Tool {
        @Override
        public ToolSpec spec() {
            throw new IllegalStateException("no spec");
        }

        @Override
        public boolean readOnly() {
            return true;
        }

        @Override
        public Output run(Context context, Map<String, Object> arguments) {
            return Output.of("");
        }
    }

    @Test
    void theFirstOfANameServesAndTheSecondWhenItGoes() {
        Tool first = new Hammer("read");
        Tool second = new Hammer("read");
        table.add(first, "a");
        table.add(second, "b");
        assertThat(table.find("read")).containsSame(first);
        table.remove(first);
        assertThat(table.find("read")).containsSame(second);
        table.remove(second);
        assertThat(table.list()).isEmpty();
    }

    @Test
    void badNamesAndToolsThatCannotDescribeThemselvesAreNotUsed() {
        table.add(new Hammer("Not A Name"), "a");
        table.add(new Mute(), "a");
        assertThat(table.list()).isEmpty();
    }
}
