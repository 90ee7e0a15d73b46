package io.koshi.session.internal;

import io.koshi.api.Address;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Part;
import io.koshi.api.Trust;
import io.koshi.api.Ulid;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.model.Tokens;
import io.koshi.session.Sessions;
import io.koshi.store.Row;
import io.koshi.store.Store;
import io.koshi.store.TextIndex;
import io.koshi.store.Tx;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Keeps every conversation's newest lines and narratives, and finds words in them. Thread-safe. */
@Component(
        name = "io.koshi.session",
        service = {Sessions.class, Transcripts.class},
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class Transcripts implements Sessions {
    /** Sessions of one spawned run go away after {@code buffer.retentionDays}; nobody talks there again. */
    private static final String SPAWNED = "spawn:%";

    private final Store store;
    private final Events events;
    private final Settings settings;
    private final Codec codec;
    private final TextIndex texts;
    private final LineLimit limit;
    private final Narratives narratives;

    @Activate
    public Transcripts(
            @Reference Store store, @Reference Events events, @Reference Settings settings, @Reference Codec codec) {
        this.store = store;
        this.events = events;
        this.settings = settings;
        this.codec = codec;
        store.migrate("session", SessionTables.STEPS);
        this.texts = store.textIndex(SessionTables.INDEX);
        this.limit = new LineLimit(texts);
        this.narratives = new Narratives(store);
    }

    @Override
    public String keyOf(Address from, String sender) {
        return settings.config().sessions().policy().keyOf(from, sender);
    }

    @Override
    public String open(Tx tx, Address from, String sender) {
        String key = keyOf(from, sender);
        long session = make(tx, key);
        tx.update(
                "UPDATE session SET channel = ?, conversation = ?, sender = ? WHERE id = ?",
                from.channel(),
                from.conversation(),
                sender,
                session);
        return key;
    }

    @Override
    public String append(
            Tx tx, String sessionKey, Role role, String content, List<Part> parts, Optional<String> runId) {
        return append(tx, sessionKey, role, content, parts, runId, Optional.empty());
    }

    @Override
    public String append(
            Tx tx,
            String sessionKey,
            Role role,
            String content,
            List<Part> parts,
            Optional<String> runId,
            Trust trust) {
        return append(tx, sessionKey, role, content, parts, runId, Optional.of(trust));
    }

    private String append(
            Tx tx,
            String sessionKey,
            Role role,
            String content,
            List<Part> parts,
            Optional<String> runId,
            Optional<Trust> trust) {
        long session = make(tx, sessionKey);
        String id = Ulid.next();
        Instant now = Instant.now();
        int tokens = Tokens.of(content);
        long n = tx.insert(
                "INSERT INTO line (id, session, role, content, parts, run_id, trust, tokens, at)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                id,
                session,
                role,
                content,
                partsText(parts),
                runId,
                trust,
                tokens,
                now);
        texts.put(tx, n, content);
        tx.update(
                "UPDATE session SET lines = lines + 1, tokens = tokens + ?, updated_at = ? WHERE id = ?",
                tokens,
                now,
                session);
        limit.hold(tx, session, settings.config().sessions());
        var said = new SessionEvents.Said(sessionKey, id, role, content, runId, trust, now);
        tx.afterCommit(() -> events.publish("session", "session.message", said));
        return id;
    }

    @Override
    public List<Line> history(String sessionKey, int newest) {
        return before(sessionKey, newest, Optional.empty());
    }

    /** The newest lines that are older than {@code before}, a line's id; oldest of them first. */
    List<Line> before(String sessionKey, int newest, Optional<String> before) {
        List<Line> lines = store.read(tx -> {
            long end = before.map(id -> tx.number("SELECT n FROM line WHERE id = ?", id))
                    .orElse(Long.MAX_VALUE);
            return new ArrayList<>(tx.query(
                    "SELECT l.* FROM line l JOIN session s ON s.id = l.session"
                            + " WHERE s.key = ? AND l.n < ? ORDER BY l.n DESC LIMIT ?",
                    this::line,
                    sessionKey,
                    end,
                    newest));
        });
        Collections.reverse(lines);
        return lines;
    }

    @Override
    public Past past(String sessionKey, int newest) {
        return store.read(tx -> {
            long after = tx.number("SELECT begun_after FROM session WHERE key = ?", sessionKey);
            Optional<Narratives.Summary> summary = narratives.summary(tx, sessionKey, after);
            List<Line> lines = new ArrayList<>(tx.query(
                    "SELECT l.* FROM line l JOIN session s ON s.id = l.session"
                            + " WHERE s.key = ? AND l.n > ? ORDER BY l.n DESC LIMIT ?",
                    this::line,
                    sessionKey,
                    summary.map(Narratives.Summary::untilLine).orElse(0L),
                    newest));
            Collections.reverse(lines);
            return new Past(summary.map(Narratives.Summary::text), narratives.newest(tx, sessionKey, after), lines);
        });
    }

    @Override
    public void sumUp(Tx tx, String sessionKey, String lastLine, String summary) {
        long after = tx.number("SELECT begun_after FROM session WHERE key = ?", sessionKey);
        long until = narratives
                .summary(tx, sessionKey, after)
                .map(Narratives.Summary::untilLine)
                .orElse(0L);
        tx.first(
                        "SELECT l.n FROM line l JOIN session s ON s.id = l.session"
                                + " WHERE l.id = ? AND s.key = ? AND l.n > ?",
                        row -> row.number("n"),
                        lastLine,
                        sessionKey,
                        until)
                .ifPresent(n -> narratives.sumUp(tx, sessionKey, summary, n));
    }

    @Override
    public void narrate(Tx tx, String sessionKey, String sentence) {
        long after = tx.number("SELECT begun_after FROM session WHERE key = ?", sessionKey);
        narratives.add(tx, sessionKey, sentence, after);
    }

    @Override
    public void clear(Tx tx, String sessionKey) {
        long session = make(tx, sessionKey);
        limit.dropAll(tx, session);
        tx.update(
                "UPDATE session SET begun_after = ?, updated_at = ? WHERE id = ?",
                Narratives.newestId(tx, sessionKey),
                Instant.now(),
                session);
    }

    Narratives narratives() {
        return narratives;
    }

    /** The newest lines of all sessions, oldest of them first. */
    List<Found> recent(int newest) {
        List<Found> lines = new ArrayList<>(store.read(tx -> tx.query(
                "SELECT l.*, s.key FROM line l JOIN session s ON s.id = l.session ORDER BY l.n DESC LIMIT ?",
                row -> new Found(row.text("key"), line(row), 0),
                newest)));
        Collections.reverse(lines);
        return lines;
    }

    @Override
    public List<Found> search(String query, int limit) {
        return store.read(tx -> {
            List<Found> found = new ArrayList<>();
            for (TextIndex.Hit hit : texts.search(tx, query, limit)) {
                tx.first(
                                "SELECT l.*, s.key FROM line l JOIN session s ON s.id = l.session WHERE l.n = ?",
                                row -> new Found(row.text("key"), line(row), hit.rank()),
                                hit.id())
                        .ifPresent(found::add);
            }
            return found;
        });
    }

    /** @throws KoshiException CONFLICT when it is there already */
    void create(String key, String kind, Map<String, Object> metadata) {
        store.writeNow(tx -> {
            if (tx.number("SELECT COUNT(*) FROM session WHERE key = ?", key) > 0) {
                throw new KoshiException(
                        ErrorCode.CONFLICT, "session " + key + " already exists: use it, or session.delete it first");
            }
            return make(tx, key, kind, metadata);
        });
    }

    /** Forgets a session, all its lines and narratives; false when there was none. */
    boolean delete(String key) {
        return store.writeNow(tx -> {
            Optional<Long> session = tx.first("SELECT id FROM session WHERE key = ?", row -> row.number("id"), key);
            session.ifPresent(id -> forget(tx, id, key));
            return session.isPresent();
        });
    }

    private void forget(Tx tx, long session, String key) {
        limit.dropAll(tx, session);
        narratives.forget(tx, key);
        tx.update("DELETE FROM session WHERE id = ?", session);
    }

    /** Forgets sessions of spawned runs that ended longer ago than {@code age}; returns how many, at most 100. */
    int forgetSpawned(Duration age) {
        return store.writeNow(tx -> {
            record Old(long id, String key) {}
            List<Old> old = tx.query(
                    "SELECT id, key FROM session WHERE key LIKE ? AND updated_at < ? ORDER BY updated_at LIMIT 100",
                    row -> new Old(row.number("id"), row.text("key")),
                    SPAWNED,
                    Instant.now().minus(age));
            old.forEach(one -> forget(tx, one.id(), one.key()));
            return old.size();
        });
    }

    /** Sessions, the one used last first. */
    List<SessionEvents.Session> list(Optional<String> channel, Optional<String> kind, int limit, int offset) {
        return store.read(tx -> tx.query(
                "SELECT * FROM session WHERE (? IS NULL OR channel = ?) AND (? IS NULL OR kind = ?)"
                        + " ORDER BY updated_at DESC, id DESC LIMIT ? OFFSET ?",
                this::session,
                channel,
                channel,
                kind,
                kind,
                limit,
                offset));
    }

    long count() {
        return store.read(tx -> tx.number("SELECT COUNT(*) FROM session"));
    }

    @Override
    public Optional<Address> address(String sessionKey) {
        return known(sessionKey).map(SessionEvents.Place::address);
    }

    private Optional<SessionEvents.Place> known(String key) {
        return store.read(tx -> tx.first(
                "SELECT * FROM session WHERE key = ? AND channel IS NOT NULL",
                row -> new SessionEvents.Place(
                        Address.of(row.text("channel"), row.text("conversation")), row.text("sender")),
                key));
    }

    /** Where a session talks and as whom. */
    SessionEvents.Place place(String key) {
        return known(key).orElseGet(() -> {
            Address address = SessionKey.address(key);
            return new SessionEvents.Place(address, address.conversation());
        });
    }

    private long make(Tx tx, String key) {
        return tx.first("SELECT id FROM session WHERE key = ?", row -> row.number("id"), key)
                .orElseGet(() -> make(tx, key, SessionKey.kind(key), Map.of()));
    }

    private long make(Tx tx, String key, String kind, Map<String, Object> metadata) {
        Instant now = Instant.now();
        long id = tx.insert(
                "INSERT INTO session (key, kind, metadata, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
                SessionKey.checked(key),
                kind,
                metadata.isEmpty() ? null : new String(codec.json(metadata), StandardCharsets.UTF_8),
                now,
                now);
        var created = new SessionEvents.Created(key, kind, now);
        tx.afterCommit(() -> events.publish("session", "session.created", created));
        return id;
    }

    private SessionEvents.Session session(Row row) {
        return new SessionEvents.Session(
                row.text("key"),
                row.text("kind"),
                row.optional("channel"),
                row.optional("conversation"),
                row.number("lines"),
                row.number("tokens"),
                row.optional("metadata").map(text -> object(text)),
                row.instant("created_at"),
                row.instant("updated_at"));
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> object(String json) {
        return (Map<String, Object>) codec.parseJson(json.getBytes(StandardCharsets.UTF_8));
    }

    private String partsText(List<Part> parts) {
        return parts.isEmpty() ? null : new String(codec.json(new Parts(parts)), StandardCharsets.UTF_8);
    }

    private Line line(Row row) {
        List<Part> parts = row.optional("parts")
                .map(text -> codec.fromData(codec.parseJson(text.getBytes(StandardCharsets.UTF_8)), Parts.class)
                        .parts())
                .orElse(List.of());
        return new Line(
                row.text("id"),
                Role.valueOf(row.text("role").toUpperCase(Locale.ROOT)),
                row.text("content"),
                parts,
                row.optional("run_id"),
                row.optional("trust").map(trust -> Trust.valueOf(trust.toUpperCase(Locale.ROOT))),
                row.instant("at"));
    }

    /** How parts are kept in a column. */
    record Parts(List<Part> parts) {}

    /** Figures of this room. */
    Map<String, Object> figures() {
        return Map.of("sessions", count(), "lines", store.read(tx -> tx.number("SELECT COUNT(*) FROM line")));
    }
}
