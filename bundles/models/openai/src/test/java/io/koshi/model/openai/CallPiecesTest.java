package io.koshi.model.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.model.ToolCall;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** The forms are those that servers were seen to send. */
class CallPiecesTest {
    private final Codec codec = new RecordCodec();
    private final CallPieces pieces = new CallPieces();

    @Test
    void joinsArgumentsInPiecesByTheirIndex() { // OpenAI
        add("{'index':0,'id':'a','type':'function','function':{'name':'peek','arguments':''}}");
        add("{'index':0,'function':{'arguments':'{\\\"at\\\":'}}");
        add("{'index':1,'id':'b','type':'function','function':{'name':'poke','arguments':''}}");
        add("{'index':0,'function':{'arguments':'1}'}}");
        add("{'index':1,'function':{'arguments':'{}'}}");

        assertThat(calls())
                .containsExactly(new ToolCall("a", "peek", Map.of("at", 1L)), new ToolCall("b", "poke", Map.of()));
    }

    @Test
    void takesCallsWholeWithOneIndexForAll() { // Ollama
        add("{'id':'a','index':0,'type':'function','function':{'name':'peek','arguments':'{\\\"at\\\":1}'}}");
        add("{'id':'b','index':0,'type':'function','function':{'name':'peek','arguments':'{\\\"at\\\":2}'}}");

        assertThat(calls())
                .containsExactly(
                        new ToolCall("a", "peek", Map.of("at", 1L)), new ToolCall("b", "peek", Map.of("at", 2L)));
    }

    @Test
    void takesCallsWholeWithOneIndexAndNoIds() { // Gemini's compatible door, some proxies
        add("{'index':0,'id':'','function':{'name':'peek','arguments':'{\\\"at\\\":1}'}}");
        add("{'index':0,'id':'','function':{'name':'poke','arguments':'{\\\"at\\\":2}'}}");

        assertThat(calls()).extracting(ToolCall::name).containsExactly("peek", "poke");
        assertThat(calls()).extracting(ToolCall::arguments).containsExactly(Map.of("at", 1L), Map.of("at", 2L));
    }

    @Test
    void takesANameThatIsRepeatedWithEachPieceForOneCall() {
        add("{'index':0,'id':'a','function':{'name':'peek','arguments':'{\\\"at\\\"'}}");
        add("{'index':0,'function':{'name':'peek','arguments':':1}'}}");
        add("{'index':0,'function':{'name':'peek','arguments':''}}");

        assertThat(calls()).containsExactly(new ToolCall("a", "peek", Map.of("at", 1L)));
    }

    @Test
    void takesCallsWithoutIndexOrIdAndNamesThemItself() {
        add("{'function':{'name':'peek','arguments':'{\\\"at\\\":1}'}}");
        add("{'function':{'name':'peek','arguments':{'at':2}}}");

        assertThat(calls()).extracting(ToolCall::arguments).containsExactly(Map.of("at", 1L), Map.of("at", 2L));
        assertThat(calls()).extracting(ToolCall::callId).doesNotHaveDuplicates().allMatch(id -> id.length() > 5);
    }

    @Test
    void joinsPiecesThatRepeatTheIdAndHaveNoIndex() {
        add("{'id':'a','function':{'name':'peek','arguments':'{\\\"at\\\"'}}");
        add("{'id':'b','function':{'name':'poke','arguments':'{'}}");
        add("{'id':'a','function':{'name':'peek','arguments':':1}'}}");
        add("{'id':'b','function':{'arguments':'}'}}");

        assertThat(calls())
                .containsExactly(new ToolCall("a", "peek", Map.of("at", 1L)), new ToolCall("b", "poke", Map.of()));
    }

    @Test
    void takesTheOneCallOfOlderServers() {
        pieces.addLegacy(data("{'name':'peek','arguments':''}"));
        pieces.addLegacy(data("{'arguments':'{\\\"at\\\":'}"));
        pieces.addLegacy(data("{'arguments':'1}'}"));

        assertThat(calls())
                .extracting(ToolCall::name, ToolCall::arguments)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("peek", Map.of("at", 1L)));
    }

    @Test
    void marksArgumentsThatAreNoObject() {
        add("{'index':0,'id':'a','function':{'name':'peek','arguments':'{\\\"at\\\":'}}");
        add("{'index':1,'id':'b','function':{'name':'peek','arguments':'[1]'}}");
        add("{'index':2,'id':'c','function':{'name':'peek','arguments':' '}}");

        assertThat(calls()).extracting(call -> call.malformed().isPresent()).containsExactly(true, true, false);
    }

    @Test
    void endsAnEndlessRowOfCalls() {
        assertThatThrownBy(() -> {
                    for (int i = 0; i <= CallPieces.MAX_CALLS; i++) {
                        add("{'index':" + i + ",'id':'c" + i + "','function':{'name':'peek','arguments':'{}'}}");
                    }
                })
                .isInstanceOf(KoshiException.class);
    }

    /** However the arguments of calls are cut and mixed, the index brings them together. */
    @RepeatedTest(50)
    void cuttingAndMixingChangesNothing(RepetitionInfo turn) {
        Random random = new Random(turn.getCurrentRepetition());
        int count = 1 + random.nextInt(5);
        String[] left = new String[count];
        for (int i = 0; i < count; i++) {
            left[i] = "{\"n\":" + i + ",\"text\":\"" + "äö\\n\\\"x".repeat(random.nextInt(9)) + "\"}";
            pieces.add(Json.of("index", (long) i, "id", "c" + i, "function", Json.of("name", "t" + i)));
        }
        for (int open = count; open > 0; ) {
            int i = random.nextInt(count);
            if (!left[i].isEmpty()) {
                int cut = 1 + random.nextInt(left[i].length());
                pieces.add(Json.of("index", (long) i, "function", Json.of("arguments", left[i].substring(0, cut))));
                left[i] = left[i].substring(cut);
                open -= left[i].isEmpty() ? 1 : 0;
            }
        }

        List<ToolCall> calls = calls();

        assertThat(calls).extracting(ToolCall::malformed).allMatch(java.util.Optional::isEmpty);
        for (int i = 0; i < count; i++) {
            assertThat(calls.get(i).arguments()).containsEntry("n", (long) i);
            assertThat(calls.get(i).name()).isEqualTo("t" + i);
        }
    }

    private List<ToolCall> calls() {
        return pieces.calls(codec);
    }

    private void add(String json) {
        pieces.add(data(json));
    }

    private Map<String, Object> data(String json) {
        return Json.object(codec.parseJson(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
    }
}
