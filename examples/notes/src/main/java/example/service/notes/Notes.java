package example.service.notes;

import static io.koshi.rpc.Scope.READ;
import static io.koshi.rpc.Scope.WRITE;

import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.store.Row;
import io.koshi.store.Store;
import java.time.Instant;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** A service with methods of its own: {@code koshi call note.add '{"text":"…"}'}, and on every other door. */
@Component(name = "example.service.notes", service = Methods.class, configurationPolicy = ConfigurationPolicy.REQUIRE)
@Namespace("note")
public final class Notes implements Methods {
    record Text(@Doc("What to note.") @Range(min = 1, max = 10_000) String text) {}

    record Query(@Doc("At most this many, newest first.") @Default("20") @Range(min = 1, max = 1000) int limit) {}

    record Note(long id, String text, Instant at) {}

    record NoteList(List<Note> notes) {}

    private final Store store;

    @Activate
    public Notes(@Reference Store store) {
        this.store = store;
        store.migrate("notes", List.of("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT, at INTEGER)"));
    }

    @Rpc(value = "Keeps a note.", scope = WRITE)
    public Note add(Text text) {
        Instant now = Instant.now();
        long id = store.writeNow(tx -> tx.insert("INSERT INTO note (text, at) VALUES (?, ?)", text.text(), now));
        return new Note(id, text.text(), now);
    }

    @Rpc(value = "Lists notes, newest first.", scope = READ)
    public NoteList list(Query query) {
        String sql = "SELECT * FROM note ORDER BY id DESC LIMIT ?";
        return new NoteList(store.read(tx -> tx.query(sql, Notes::note, query.limit())));
    }

    private static Note note(Row row) {
        return new Note(row.number("id"), row.text("text"), row.instant("at"));
    }
}
