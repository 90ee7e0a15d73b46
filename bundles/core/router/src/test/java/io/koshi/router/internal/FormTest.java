package io.koshi.router.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.api.Address;
import io.koshi.api.Entry;
import io.koshi.api.Message;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class FormTest {
    private static Object fill(Object argument, Map<String, Object> fields) {
        Paths paths = new Paths();
        Form form = Form.of(argument, paths);
        Message message = Message.of(Address.of("github", "acme/app#7"), "the words")
                .withFields(fields)
                .withSender("octo");
        return form.fill(
                new Subject(message, message.at(), paths.size()), new Entry("ID1", 1, message, message.at()), 3);
    }

    @Test
    void fillsInBothSpellings() {
        Map<String, Object> fields = Map.of("number", 42L, "pull_request", Map.of("title", "Fix it"));
        assertThat(fill("PR #{{number}}: {{ pull_request.title }} / {pull_request.title}", fields))
                .isEqualTo("PR #42: Fix it / Fix it");
        assertThat(fill("{{sender}} {{conversation}} {{channel}} {{text}} {{id}} {{count}}", fields))
                .isEqualTo("octo acme/app#7 github the words ID1 3");
    }

    @Test
    void aFieldOfTheMessageWinsOverIdAndCount() {
        assertThat(fill("{{id}} {{count}}", Map.of("id", "own", "count", 9L))).isEqualTo("own 9");
    }

    @Test
    void whatLeadsNowhereStaysAsItIsWritten() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("body", null);
        fields.put("empty", "");
        fields.put("object", Map.of("a", 1L));
        assertThat(fill("{{nothing}} {a.b} {{body}} {{object}} [{{empty}}] { x } {\"json\": 1} {{1+1}} {{}}", fields))
                .isEqualTo("{{nothing}} {a.b} {{body}} {{object}} [] { x } {\"json\": 1} {{1+1}} {{}}");
    }

    @Test
    void whatIsFilledInIsNeverReadAgain() {
        assertThat(fill("{{title}} $1 \\", Map.of("title", "{{secret}} {secret} $0 \\", "secret", "s3cret")))
                .isEqualTo("{{secret}} {secret} $0 \\ $1 \\");
    }

    @Test
    void listsAreJoinedAndNestedArgumentsAreFilled() {
        Map<String, Object> fields = Map.of("labels", List.of(Map.of("name", "bug"), Map.of("name", "ui")), "n", 1.5);
        assertThat(fill(Map.of("task", List.of("{{labels[].name}}", "{{labels.1.name}}", 7L, "{{n}}")), fields))
                .isEqualTo(Map.of("task", List.of("bug, ui", "ui", 7L, "1.5")));
    }
}
