package io.koshi.session.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.Accepted;
import io.koshi.api.Address;
import io.koshi.api.Cursor;
import io.koshi.api.ErrorCode;
import io.koshi.api.Inbox;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.api.Part;
import io.koshi.api.Trust;
import io.koshi.config.Config.SessionPolicy;
import io.koshi.rpc.Caller;
import io.koshi.session.Sessions.Line;
import io.koshi.session.Sessions.Narrative;
import io.koshi.session.Sessions.Role;
import io.koshi.session.internal.SessionMethods.CreateParams;
import io.koshi.session.internal.SessionMethods.History;
import io.koshi.session.internal.SessionMethods.HistoryQuery;
import io.koshi.session.internal.SessionMethods.Key;
import io.koshi.session.internal.SessionMethods.ListQuery;
import io.koshi.session.internal.SessionMethods.NarrativeQuery;
import io.koshi.session.internal.SessionMethods.RecentQuery;
import io.koshi.session.internal.SessionMethods.SearchQuery;
import io.koshi.session.internal.SessionMethods.SendParams;
import io.koshi.testkit.room.Room;
import io.koshi.tool.Tool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TranscriptsTest {
    private static final Address CHAT = Address.of("telegram", "123:x");

    @TempDir
    Path folder;

    private Room room;
    private Transcripts transcripts;
    private final List<Message> accepted = new ArrayList<>();
    private SessionMethods methods;

    @BeforeEach
    void open() {
        room = new Room(folder);
        transcripts = new Transcripts(room.sqlite, room, room, room.codec);
        methods = new SessionMethods(transcripts, new RecordingInbox());
    }

    @AfterEach
    void close() {
        room.sqlite.close();
    }

    @ParameterizedTest
    @CsvSource({"CONVERSATION, telegram:123:x", "CONTACT, telegram:ann", "CLIENT, telegram:123:x:ann", "SHARED, main"})
    void namesASessionByPolicy(SessionPolicy policy, String key) {
        room.configure(Map.of("sessions", Map.of("policy", policy.name().toLowerCase())));

        assertThat(transcripts.keyOf(CHAT, "ann")).isEqualTo(key);
    }

    @Test
    void keepsTheNewestLinesAndForgetsTheirWordsToo() {
        room.configure(Map.of("sessions", Map.of("maxMessages", 3)));
        for (String word : List.of("alpha", "bravo", "charlie", "delta", "echo")) {
            say("a:b", word);
        }

        assertThat(transcripts.history("a:b", 10))
                .extracting(Line::content)
                .containsExactly("charlie", "delta", "echo");
        assertThat(transcripts.search("bravo", 10)).isEmpty();
        assertThat(transcripts.search("delta", 10)).hasSize(1);
    }

    @Test
    void prunesAllThatIsOverWhenTheLimitIsLowered() {
        for (int i = 0; i < 10; i++) {
            say("a:b", "line " + i);
        }
        room.configure(Map.of("sessions", Map.of("maxMessages", 2)));
        say("a:b", "last");

        assertThat(transcripts.history("a:b", 10)).extracting(Line::content).containsExactly("line 9", "last");
    }

    @Test
    void givesPartsAndRunBackAsTheyWere() {
        List<Part> parts = List.of(new Part.Blob("sha", "image/png", Optional.of("a.png"), 7), Part.text("x"));
        room.sqlite.writeNow(tx -> transcripts.append(tx, "a:b", Role.ASSISTANT, "see", parts, Optional.of("run1")));

        Line line = transcripts.history("a:b", 1).get(0);
        assertThat(line.parts()).isEqualTo(parts);
        assertThat(line.runId()).contains("run1");
        assertThat(line.role()).isEqualTo(Role.ASSISTANT);
    }

    @Test
    void tellsOfASessionAndALineAfterTheCommitAndOfNothingThatFailed() {
        assertThatThrownBy(() -> room.sqlite.writeNow(tx -> {
                    transcripts.append(tx, "a:b", Role.USER, "never", List.of(), Optional.empty());
                    throw new IllegalStateException("no");
                }))
                .isInstanceOf(RuntimeException.class);
        assertThat(room.topics()).isEmpty();

        say("a:b", "hello");
        say("a:b", "again");

        assertThat(room.topics()).containsExactly("session.created", "session.message", "session.message");
        assertThat(room.newest("session.message"))
                .containsEntry("sessionKey", "a:b")
                .containsEntry("role", "user")
                .containsEntry("content", "again");
    }

    @Test
    void findsWordsInEveryLanguage() {
        say("a:b", "The deployment key lives in the vault");
        say("a:c", "我们明天去东京开会");
        say("a:d", "Le café est fermé");

        assertThat(transcripts.search("deploy keys", 5))
                .extracting(f -> f.sessionKey())
                .contains("a:b");
        assertThat(transcripts.search("东京", 5)).extracting(f -> f.sessionKey()).containsExactly("a:c");
        assertThat(transcripts.search("cafe", 5))
                .extracting(f -> f.sessionKey())
                .containsExactly("a:d");
        assertThat(transcripts.search("\" OR * NEAR( --", 5)).isEmpty();
        assertThat(methods.search(new SearchQuery("vault OR café", 5, Optional.of("a:d")))
                        .messages())
                .extracting(m -> m.sessionKey())
                .containsExactly("a:d");
    }

    @Test
    void pagesBackThroughAHistory() {
        for (int i = 0; i < 7; i++) {
            say("a:b", "line " + i);
        }

        History newest = methods.history(new HistoryQuery("a:b", 3, Optional.empty()));
        History older = methods.history(new HistoryQuery("a:b", 3, newest.next()));
        History oldest = methods.history(new HistoryQuery("a:b", 3, older.next()));

        assertThat(newest.messages()).extracting(m -> m.content()).containsExactly("line 4", "line 5", "line 6");
        assertThat(older.messages()).extracting(m -> m.content()).containsExactly("line 1", "line 2", "line 3");
        assertThat(oldest.messages()).extracting(m -> m.content()).containsExactly("line 0");
        assertThat(oldest.next()).isEmpty();
    }

    @Test
    void listsSessionsByUseAndForgetsOneWhole() {
        say("a:one", "x");
        room.sqlite.writeNow(tx -> transcripts.open(tx, CHAT, "ann"));
        say("telegram:123:x", "unique");

        var list = methods.list(new ListQuery(Optional.empty(), Optional.empty(), 100, Optional.empty()));
        assertThat(list.sessions()).extracting(s -> s.sessionKey()).containsExactly("telegram:123:x", "a:one");
        assertThat(list.total()).isEqualTo(2);
        assertThat(methods.list(new ListQuery(Optional.of("telegram"), Optional.empty(), 100, Optional.empty()))
                        .sessions())
                .hasSize(1);
        assertThat(methods.recent(new RecentQuery(2)).messages())
                .extracting(m -> m.content())
                .containsExactly("x", "unique");

        assertThat(methods.delete(new Key("telegram:123:x")).deleted()).isTrue();
        assertThat(methods.delete(new Key("telegram:123:x")).deleted()).isFalse();
        assertThat(transcripts.search("unique", 5)).isEmpty();
    }

    @Test
    void makesASessionOnceWithItsKindAndSaysWhenItAlreadyExists() {
        CreateParams params = new CreateParams("a:new", "work", Map.of("owner", "ann"));
        methods.create(params);

        assertThatThrownBy(() -> methods.create(params))
                .hasMessageContaining("already exists")
                .extracting(e -> ((KoshiException) e).code())
                .isEqualTo(ErrorCode.CONFLICT);
        assertThat(room.newest("session.created")).containsEntry("kind", "work");
        var found = methods.list(new ListQuery(Optional.empty(), Optional.of("work"), 10, Optional.empty()))
                .sessions();
        assertThat(found).hasSize(1);
        assertThat(found.get(0).metadata()).contains(Map.of("owner", "ann"));
    }

    @Test
    void keepsNoMoreTokensThanAllowedButAlwaysTheNewestLine() {
        room.configure(Map.of("sessions", Map.of("maxTokens", 10)));
        say("a:b", "x".repeat(16));
        say("a:b", "y".repeat(16));
        say("a:b", "z".repeat(16));

        assertThat(transcripts.history("a:b", 10))
                .extracting(Line::content)
                .containsExactly("y".repeat(16), "z".repeat(16));
        say("a:b", "w".repeat(4000));
        assertThat(transcripts.history("a:b", 10)).extracting(Line::content).containsExactly("w".repeat(4000));
        assertThat(methods.list(new ListQuery(Optional.empty(), Optional.empty(), 1, Optional.empty()))
                        .sessions()
                        .get(0)
                        .tokens())
                .isEqualTo(1000);
    }

    @Test
    void keepsManyLinesWithinTheirBoundsWhenTheseAreLowered() {
        for (int i = 0; i < 450; i++) {
            say("a:b", "line " + i);
        }
        room.configure(Map.of("sessions", Map.of("maxMessages", 10)));
        say("a:b", "last");

        assertThat(transcripts.history("a:b", 1000)).hasSize(10);
    }

    @Test
    void aSummaryStandsForTheLinesBeforeItAndTheTranscriptKeepsThem() {
        for (int i = 0; i < 6; i++) {
            say("a:b", "line " + i);
        }
        List<Line> lines = transcripts.history("a:b", 10);
        sumUp("a:b", lines.get(3).id(), "four lines");

        assertThat(transcripts.past("a:b", 10).summary()).contains("four lines");
        assertThat(transcripts.past("a:b", 10).lines())
                .extracting(Line::content)
                .containsExactly("line 4", "line 5");
        assertThat(transcripts.history("a:b", 10)).hasSize(6);

        sumUp("a:b", lines.get(1).id(), "an older one that came late");
        assertThat(transcripts.past("a:b", 10).summary()).contains("four lines");

        room.sqlite.close();
        open();
        assertThat(transcripts.past("a:b", 1).lines()).extracting(Line::content).containsExactly("line 5");
        assertThat(transcripts.past("a:b", 1).narrative())
                .get()
                .extracting(n -> n.summary())
                .isEqualTo("four lines");
    }

    @Test
    void clearsASessionButFindsWhatItWasAbout() {
        say("a:b", "the harbour pilot");
        narrate("a:b", "Ann asked about the harbour pilot.");
        room.sqlite.writeNow(tx -> {
            transcripts.clear(tx, "a:b");
            return null;
        });

        assertThat(transcripts.past("a:b", 10).lines()).isEmpty();
        assertThat(transcripts.past("a:b", 10).narrative()).isEmpty();
        assertThat(transcripts.search("harbour", 5)).isEmpty();
        assertThat(narratives("harbour")).containsExactly("Ann asked about the harbour pilot.");

        narrate("a:b", "Ann spoke of the weather.");
        assertThat(transcripts.past("a:b", 10).narrative())
                .get()
                .extracting(n -> n.summary())
                .isEqualTo("Ann spoke of the weather.");
        methods.delete(new Key("a:b"));
        assertThat(narratives("harbour weather")).isEmpty();
    }

    @Test
    void tellsASessionsStoryByNumberByWordsAndTheNewestAlone() {
        say("a:b", "hello");
        for (int i = 0; i < 30; i++) {
            narrate("a:b", "In exchange " + i + " it was about the lighthouse and its many stairs.");
        }
        long told = transcripts.narratives().tell("a:b", Optional.of("lights"), "All about lamps.", List.of(7L, 9L));

        assertThat(narratives("")).containsExactly("All about lamps.");
        assertThat(narratives("lamp")).containsExactly("All about lamps.");
        List<Narrative> chain = methods.narrative(new NarrativeQuery(Optional.of("a:b"), Optional.of("#1")))
                .narratives();
        assertThat(chain).hasSizeGreaterThan(2);
        assertThat(chain).allMatch(n -> n.summary().length() <= Narratives.ROLLING);
        for (int i = 1; i < chain.size(); i++) {
            assertThat(chain.get(i).previous()).contains(chain.get(i - 1).id());
        }
        assertThat(chain.get(chain.size() - 1).id()).isEqualTo(told);
        assertThat(chain.get(chain.size() - 1).memoryIds()).containsExactly(7L, 9L);
        assertThat(methods.narrative(new NarrativeQuery(Optional.of("other"), Optional.of("1")))
                        .narratives())
                .isEmpty();
    }

    @Test
    void anAgentSaysWhatAConversationIsAboutAndFindsOnlyItsOwn() throws Exception {
        var update = new NarrativeUpdateTool(transcripts);
        var search = new NarrativeSearchTool(transcripts);

        assertThat(search.run(context("a:b"), Map.of()).text()).isEqualTo("No narratives found.");
        assertThat(update.run(
                                context("a:b"),
                                Map.of("summary", "The harbour is deep.", "topic", "sea", "memory_ids", List.of(4L)))
                        .text())
                .isEqualTo("Updated narrative #1");
        assertThat(search.run(context("a:b"), Map.of("query", "harbours")).text())
                .isEqualTo("[narrative:1] sea: The harbour is deep. (memories: [4])");
        assertThat(search.run(context("a:b"), Map.of("query", "1")).text()).contains("deep");
        assertThat(search.run(context("c:d"), Map.of("query", "harbour")).text())
                .isEqualTo("No narratives found.");
        assertThatThrownBy(() -> update.run(context("a:b"), Map.of("summary", " ")))
                .hasMessageContaining("summary");
        assertThat(update.audience()).isEqualTo(search.audience()).isEqualTo(Tool.Audience.COORDINATOR);
    }

    private static Tool.Context context(String session) {
        return new Tool.Context(session, "run", "call", Optional.empty(), Path.of("."), Trust.HIGH);
    }

    private List<String> narratives(String query) {
        return methods.narrative(new NarrativeQuery(Optional.empty(), Optional.of(query))).narratives().stream()
                .map(Narrative::summary)
                .toList();
    }

    private void narrate(String key, String sentence) {
        room.sqlite.writeNow(tx -> {
            transcripts.narrate(tx, key, sentence);
            return null;
        });
    }

    private void sumUp(String key, String line, String summary) {
        room.sqlite.writeNow(tx -> {
            transcripts.sumUp(tx, key, line, summary);
            return null;
        });
    }

    @Test
    void saysWhatIsSentWhereTheSessionLastTalkedAndAsThatPerson() {
        room.configure(Map.of("sessions", Map.of("policy", "client")));
        String key = room.sqlite.writeNow(tx -> transcripts.open(tx, CHAT, "ann"));

        methods.send(new SendParams(key, Optional.of("hello"), Optional.empty()), Caller.admin("socket"));
        methods.send(
                new SendParams("http:room7", Optional.of("hi"), Optional.empty()),
                new Caller("token:ci", Set.of("session.write")));

        assertThat(accepted.get(0).from()).isEqualTo(CHAT);
        assertThat(accepted.get(0).sender()).isEqualTo("ann");
        assertThat(accepted.get(0).trust()).isEqualTo(Trust.HIGH);
        assertThat(accepted.get(1).from()).isEqualTo(Address.of("http", "room7"));
        assertThat(accepted.get(1).trust()).isEqualTo(Trust.MEDIUM);
        assertThatThrownBy(() -> methods.send(
                        new SendParams("nonsense", Optional.of("hi"), Optional.empty()), Caller.admin("socket")))
                .hasMessageContaining("channel:conversation");
    }

    @Test
    void forgetsSessionsOfSpawnedRunsAndNoOthers() {
        say("spawn:1", "old work");
        say("a:b", "kept");

        assertThat(transcripts.forgetSpawned(Duration.ofDays(1))).isZero();
        assertThat(transcripts.forgetSpawned(Duration.ofSeconds(-1))).isEqualTo(1);
        assertThat(transcripts.search("old work kept", 5))
                .extracting(f -> f.sessionKey())
                .containsExactly("a:b");
    }

    @Test
    void hasItsLinesAgainAfterARestart() {
        say("a:b", "hello");
        room.sqlite.close();

        open();

        assertThat(transcripts.history("a:b", 5)).extracting(Line::content).containsExactly("hello");
        assertThat(transcripts.search("hello", 5)).hasSize(1);
    }

    private void say(String key, String words) {
        room.sqlite.writeNow(tx -> transcripts.append(tx, key, Role.USER, words, List.of(), Optional.empty()));
    }

    /** Takes everything and remembers it. */
    private final class RecordingInbox implements Inbox {
        @Override
        public Accepted accept(Message message) {
            accepted.add(message);
            return new Accepted("id" + accepted.size(), accepted.size(), false);
        }

        @Override
        public List<Accepted> accept(List<Message> messages, Cursor cursor) {
            return messages.stream().map(this::accept).toList();
        }

        @Override
        public CompletionStage<Accepted> acceptAsync(Message message) {
            return CompletableFuture.completedStage(accept(message));
        }

        @Override
        public Optional<String> cursor(String channel, String name) {
            return Optional.empty();
        }
    }
}
