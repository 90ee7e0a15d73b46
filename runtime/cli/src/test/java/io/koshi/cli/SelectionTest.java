package io.koshi.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SelectionTest {
    private final Selection selection = new Selection();

    @Test
    void staysOnItsTaskWhileOthersComeBeforeIt() {
        selection.show(tasks("3", "2", "1"));
        selection.down();
        assertThat(selection.id()).contains("2");

        selection.show(tasks("5", "4", "3", "2", "1"));

        assertThat(selection.id()).contains("2");
        assertThat(selection.index()).isEqualTo(3);
    }

    @Test
    void takesTheOneInItsPlaceWhenItsTaskIsGone() {
        selection.show(tasks("3", "2", "1"));
        selection.down();
        selection.down();

        selection.show(tasks("3", "2"));
        assertThat(selection.id()).contains("2");

        selection.show(tasks());
        assertThat(selection.id()).isEmpty();
        selection.up();
        selection.show(tasks("9"));
        assertThat(selection.id()).contains("9");
    }

    @Test
    void staysWithinTheList() {
        selection.show(tasks("2", "1"));
        selection.up();
        assertThat(selection.index()).isZero();
        for (int i = 0; i < 5; i++) {
            selection.down();
        }
        assertThat(selection.index()).isEqualTo(1);
        selection.first();
        selection.show(tasks("2", "1"));
        assertThat(selection.id()).contains("2");
    }

    private static List<?> tasks(String... ids) {
        return Stream.of(ids).map(id -> Map.of("taskId", id)).toList();
    }
}
