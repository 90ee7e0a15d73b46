package io.koshi.session.internal;

import io.koshi.api.Inbox;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.api.Part;
import io.koshi.api.Trust;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import io.koshi.session.Sessions.Found;
import io.koshi.session.Sessions.Line;
import io.koshi.session.Sessions.Narrative;
import io.koshi.session.Sessions.Role;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** The methods of {@code session}. */
@Component(name = "io.koshi.session.methods", service = Methods.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("session")
public final class SessionMethods implements Methods {
    private final Transcripts transcripts;
    private final Inbox inbox;

    @Activate
    public SessionMethods(@Reference Transcripts transcripts, @Reference Inbox inbox) {
        this.transcripts = transcripts;
        this.inbox = inbox;
    }

    record ListQuery(
            @Doc("Only sessions that talk on this channel.") Optional<String> channel,

            @Doc("Only sessions of this kind: chat, subagent, cron or what they were created as.")
            Optional<String> kind,

            @Doc("At most this many.") @Default("100") @Range(min = 1, max = 1000)
            int limit,

            @Doc("Where to go on: next of the page before.") Optional<String> after) {}

    record SessionList(
            @Doc("Sessions, the one used last first.") List<SessionEvents.Session> sessions,
            @Doc("How many sessions there are.") long total,
            @Doc("Give this as after for the next page.") Optional<String> next) {}

    @Rpc(value = "Lists sessions, the one used last first.", scope = Scope.READ)
    public SessionList list(ListQuery query) {
        int offset = query.after().map(SessionMethods::offset).orElse(0);
        List<SessionEvents.Session> sessions = transcripts.list(query.channel(), query.kind(), query.limit(), offset);
        Optional<String> next = sessions.size() < query.limit()
                ? Optional.empty()
                : Optional.of(Integer.toString(offset + sessions.size()));
        return new SessionList(sessions, transcripts.count(), next);
    }

    record HistoryQuery(
            @Doc("Whose transcript.") String sessionKey,

            @Doc("The newest this many.") @Default("50") @Range(min = 1, max = 1000)
            int limit,

            @Doc("Only lines older than the one with this id.")
            Optional<String> before) {}

    record Entry(
            @Doc("The line's ULID.") String id,
            @Doc("Who said it.") Role role,
            @Doc("What was said.") String content,
            @Doc("Blobs that go with it.") Optional<List<Part>> parts,
            @Doc("The run it was said in.") Optional<String> runId,

            @Doc("Of those whose words are in it, the least trusted: high, medium or low.")
            Optional<Trust> trust,

            @Doc("When.") Instant at) {
        static Entry of(Line line) {
            return new Entry(
                    line.id(),
                    line.role(),
                    line.content(),
                    line.parts().isEmpty() ? Optional.empty() : Optional.of(line.parts()),
                    line.runId(),
                    line.trust(),
                    line.at());
        }
    }

    record History(
            @Doc("Whose transcript.") String sessionKey,
            @Doc("Lines, oldest first.") List<Entry> messages,

            @Doc("Give this as before for the page of older lines.")
            Optional<String> next) {}

    @Rpc(value = "Shows the newest lines of a session, oldest first.", scope = Scope.READ)
    public History history(HistoryQuery query) {
        List<Line> lines = transcripts.before(query.sessionKey(), query.limit(), query.before());
        Optional<String> next = lines.size() < query.limit()
                ? Optional.empty()
                : Optional.of(lines.get(0).id());
        return new History(query.sessionKey(), lines.stream().map(Entry::of).toList(), next);
    }

    record RecentQuery(
            @Doc("The newest this many.") @Default("20") @Range(min = 1, max = 1000)
            int limit) {}

    record Said(
            @Doc("The session it was said in.") String sessionKey,
            @Doc("The line's ULID.") String id,
            @Doc("Who said it.") Role role,
            @Doc("What was said.") String content,
            @Doc("The run it was said in.") Optional<String> runId,
            @Doc("When.") Instant at,

            @Doc("How well it fits a search: bm25, the lower the better.")
            Optional<Double> rank) {
        static Said of(Found found, Optional<Double> rank) {
            Line line = found.line();
            return new Said(found.sessionKey(), line.id(), line.role(), line.content(), line.runId(), line.at(), rank);
        }
    }

    record Recent(
            @Doc("Lines of all sessions, oldest first.") List<Said> messages) {}

    @Rpc(value = "Shows the newest lines of all sessions, oldest first.", scope = Scope.READ)
    public Recent recent(RecentQuery query) {
        return new Recent(transcripts.recent(query.limit()).stream()
                .map(found -> Said.of(found, Optional.empty()))
                .toList());
    }

    record SearchQuery(
            @Doc("A person's words; any of them may match.") @Range(min = 1, max = 1000)
            String query,

            @Doc("At most this many.") @Default("10") @Range(min = 1, max = 100)
            int limit,

            @Doc("Only lines of this session.") Optional<String> sessionKey) {}

    record SearchResult(
            @Doc("Lines that match, best first.") List<Said> messages) {}

    @Rpc(value = "Finds lines of transcripts by a person's words, best first.", scope = Scope.READ)
    public SearchResult search(SearchQuery query) {
        int wanted = query.sessionKey().isPresent() ? 1000 : query.limit();
        return new SearchResult(transcripts.search(query.query(), wanted).stream()
                .filter(found ->
                        query.sessionKey().map(found.sessionKey()::equals).orElse(true))
                .limit(query.limit())
                .map(found -> Said.of(found, Optional.of(found.rank())))
                .toList());
    }

    record SendParams(
            @Doc("The session to say it in.") String sessionKey,

            @Doc("What to say.") @Range(min = 1, max = 1_000_000)
            Optional<String> text,

            @Doc("The same under its other name.") @Range(min = 1, max = 1_000_000)
            Optional<String> content) {
        String words() {
            if (text.isPresent() == content.isPresent()) {
                throw KoshiException.invalid("/text", "say it as text, or as content");
            }
            return text.or(() -> content).orElseThrow();
        }
    }

    record Sent(
            @Doc("The message's ULID.") String id,
            @Doc("Its row in the buffer.") long entry,
            @Doc("The session it was said in.") String sessionKey) {}

    @Rpc(value = "Says something in a session, like any message of that conversation.", scope = Scope.WRITE)
    public CompletionStage<Sent> send(SendParams params, Caller caller) {
        String words = params.words();
        SessionEvents.Place place = transcripts.place(params.sessionKey());
        Message message = Message.of(place.address(), words)
                .withSender(place.sender())
                .withTrust(caller.scopes().contains("*") ? Trust.HIGH : Trust.MEDIUM);
        return inbox.acceptAsync(message)
                .thenApply(accepted -> new Sent(accepted.id(), accepted.entry(), params.sessionKey()));
    }

    record Key(
            @Doc("The session's key.") @Range(min = 1, max = SessionKey.MAX)
            String sessionKey) {}

    record CreateParams(
            @Doc("The session's key.") @Range(min = 1, max = SessionKey.MAX)
            String sessionKey,

            @Doc("What it is for.") @Default("\"chat\"") @Range(min = 1, max = 64)
            String kind,

            @Doc("Kept with it and shown in session.list.") @Default("{}") @Range(max = 100)
            Map<String, Object> metadata) {}

    record Created(
            @Doc("The session's key.") String sessionKey,
            @Doc("What it is for.") String kind,
            @Doc("Always true.") boolean created) {}

    @Rpc(value = "Makes a session; CONFLICT when it already exists.", scope = Scope.WRITE)
    public Created create(CreateParams params) {
        transcripts.create(params.sessionKey(), params.kind(), params.metadata());
        return new Created(params.sessionKey(), params.kind(), true);
    }

    record NarrativeQuery(
            @Doc("Only of this session.") Optional<String> sessionKey,

            @Doc("A narrative's number, or a person's words; the newest one without it.")
            Optional<String> query) {}

    record Narratives(@Doc("Narratives, best first.") List<Narrative> narratives) {}

    @Rpc(value = "Tells what sessions were about: the newest, by number, or by words.", scope = Scope.READ)
    public Narratives narrative(NarrativeQuery query) {
        return new Narratives(transcripts.narratives().search(query.sessionKey(), query.query()));
    }

    record Deleted(
            @Doc("The session's key.") String sessionKey,
            @Doc("False when there was none.") boolean deleted) {}

    @Rpc(value = "Forgets a session and all its lines.", scope = Scope.WRITE)
    public Deleted delete(Key key) {
        return new Deleted(key.sessionKey(), transcripts.delete(key.sessionKey()));
    }

    private static int offset(String next) {
        try {
            return Math.max(0, Integer.parseInt(next));
        } catch (NumberFormatException e) {
            throw KoshiException.invalid("/after", "give the next of the page before");
        }
    }
}
