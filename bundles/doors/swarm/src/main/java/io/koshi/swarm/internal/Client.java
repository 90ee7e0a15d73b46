package io.koshi.swarm.internal;

import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.rpc.Caller;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client of the TCP lines. The door's thread reads; a request begins when the one before it was answered, and
 * whoever finishes it writes the answer without waiting for the client. Reading is confined to the door's thread;
 * writing is thread-safe.
 */
final class Client implements AutoCloseable {
    private static final int BACKLOG = 1 << 20;
    private static final Object NOTHING = new Object();
    private static final Logger LOG = LoggerFactory.getLogger(Client.class);

    private final SocketChannel channel;
    private final SelectionKey key;
    private final Caller caller;
    private final Hub hub;
    private final Codec codec;
    private final Answers answers;
    private final Lines lines;
    private final Consumer<Client> again;
    private int interest = SelectionKey.OP_READ;
    private volatile boolean busy;
    private volatile boolean more;
    private ByteBuffer out; // guarded by this
    private volatile boolean leaving;
    private volatile boolean open = true;

    /** @param again has {@link #tend} called on the door's thread */
    Client(
            SocketChannel channel,
            SelectionKey key,
            Caller caller,
            Hub hub,
            Codec codec,
            Lines lines,
            Consumer<Client> again) {
        this.channel = channel;
        this.key = key;
        this.caller = caller;
        this.hub = hub;
        this.codec = codec;
        this.answers = new Answers(codec);
        this.lines = lines;
        this.again = again;
    }

    Caller caller() {
        return caller;
    }

    /**
     * Reads, begins and writes what can be now; false when the client is to go. One that only says that it sends no more
     * gets all its answers before.
     */
    boolean tend(boolean readable) throws IOException {
        if (!open) {
            return false;
        }
        write(null);
        if (readable && !full()) {
            lines.read(channel);
        }
        work();
        if (over()) {
            return false;
        }
        int wanted = (full() ? 0 : SelectionKey.OP_READ) | (waiting() ? SelectionKey.OP_WRITE : 0);
        if (wanted != interest) {
            interest = wanted;
            key.interestOps(wanted);
        }
        return open;
    }

    /** Whether a line has begun that must end in time. */
    boolean half() {
        return lines.half() && !lines.ended() && !busy;
    }

    private boolean full() {
        return leaving || lines.ended() || busy && lines.half();
    }

    @Override
    public void close() {
        open = false;
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("Closing a connection", e);
        }
        lines.close();
    }

    /** Begins the next requests while none is under way. */
    private void work() {
        do {
            begin();
            more = lines.more(); // told before busy is read again: whoever ends a request looks the other way round
        } while (!busy && open && !leaving && lines.ready());
    }

    private void begin() {
        while (!busy && open && !leaving) {
            Lines.Line line = lines.next();
            if (line == null) {
                return;
            }
            if (line.fault() == null) {
                take(line.bytes());
            } else {
                write(answers.error(line.id(), new Refusal(line.fault())));
            }
        }
    }

    @SuppressWarnings("unchecked")
    private void take(byte[] line) {
        Object id = null;
        CompletionStage<?> stage;
        try {
            Object parsed = parse(line);
            if (parsed == NOTHING) {
                return;
            }
            if (!(parsed instanceof Map)) {
                throw new Refusal("'" + type(parsed) + "' object has no attribute 'get'");
            }
            Map<String, Object> request = (Map<String, Object>) parsed;
            id = request.get("id");
            if (!request.containsKey("method")) {
                throw Refusal.missing("method");
            }
            Object params = request.get("params");
            Map<String, Object> values = params instanceof Map ? (Map<String, Object>) params : Map.of();
            stage = hub.call(caller, id, Params.words(request.get("method")), new Params(values));
        } catch (Refusal | KoshiException e) {
            write(answers.error(id, e));
            return;
        } catch (RuntimeException e) {
            LOG.error("A request failed inside the hub", e);
            write(answers.error(id, new Refusal("internal error; see the hub's log")));
            return;
        }
        CompletableFuture<?> future = stage.toCompletableFuture();
        if (future.isDone()) {
            write(answer(id, future));
            return;
        }
        busy = true;
        Object itsId = id;
        future.whenComplete((result, failure) -> {
            boolean written = write(answer(itsId, future));
            busy = false; // after its answer, or the next one could overtake it
            if (!written || more) {
                again.accept(this);
            }
        });
    }

    private byte[] answer(Object id, CompletableFuture<?> done) {
        try {
            return answers.result(id, done.join());
        } catch (CompletionException e) {
            return answers.error(id, e);
        } catch (RuntimeException e) {
            LOG.error("An answer could not be written", e);
            return answers.error(id, new Refusal("internal error; see the hub's log"));
        }
    }

    private Object parse(byte[] line) {
        if (!Utf8.suspicious(line)) {
            try {
                return codec.parseJson(line);
            } catch (KoshiException e) {
                LOG.debug("No JSON: {}", e.getMessage());
            }
        }
        String text = Utf8.text(line).strip();
        return text.isEmpty() ? NOTHING : PythonJson.parse(text);
    }

    private static String type(Object value) {
        if (value == null) {
            return "NoneType";
        }
        return value instanceof String
                ? "str"
                : value instanceof Iterable ? "list" : value instanceof Boolean ? "bool" : "int";
    }

    private void refuse(String why) {
        write(answers.error(null, new Refusal(why)));
        leaving = true;
    }

    private synchronized boolean waiting() {
        return out != null;
    }

    private boolean over() {
        String overdue = busy || leaving ? null : lines.overdue();
        if (overdue != null) {
            refuse(overdue);
        }
        synchronized (this) {
            if (out != null && out.remaining() > BACKLOG + Lines.MOST) {
                LOG.warn("Closed a client that takes no answers");
                return true;
            }
            boolean answered = lines.ended() && !busy && !lines.ready();
            return (leaving || answered) && out == null;
        }
    }

    /** Writes what the channel takes now, behind what waits; true when nothing is left. */
    private synchronized boolean write(byte[] more) {
        if (more != null) {
            ByteBuffer next = ByteBuffer.wrap(more);
            if (out != null) {
                next = ByteBuffer.allocate(out.remaining() + more.length)
                        .put(out)
                        .put(more)
                        .flip();
            }
            out = next;
        }
        try {
            while (out != null) {
                if (channel.write(out) == 0) {
                    return false;
                }
                out = out.hasRemaining() ? out : null;
            }
            return true;
        } catch (IOException e) {
            out = null;
            open = false;
            return false;
        }
    }
}
