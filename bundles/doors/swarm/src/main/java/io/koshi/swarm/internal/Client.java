package io.koshi.swarm.internal;

import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.rpc.Caller;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client of the TCP lines. Its thread reads; a request begins when the one before it was answered, and whoever
 * finishes it writes the answer without waiting for the client. Thread-safe.
 */
final class Client implements AutoCloseable {
    private static final int BACKLOG = 1 << 20;
    private static final Object NOTHING = new Object();
    private static final Logger LOG = LoggerFactory.getLogger(Client.class);

    private final SocketChannel channel;
    private final Caller caller;
    private final Hub hub;
    private final Codec codec;
    private final Answers answers;
    private final Lines lines;
    private final Selector selector;
    private volatile boolean busy;
    private volatile boolean more; // whether something waits to be begun when a request ends
    private final long since = System.nanoTime();
    private final long patienceNanos;
    private volatile boolean silent = true;
    private ByteBuffer out; // guarded by this
    private long taken; // when some of it was, guarded by this
    private boolean leaving; // guarded by this
    private volatile boolean open = true;

    /** @param patience how long it may take nothing of what it is owed */
    Client(SocketChannel channel, Caller caller, Hub hub, Codec codec, Lines lines, Duration patience)
            throws IOException {
        this.channel = channel;
        this.caller = caller;
        this.hub = hub;
        this.codec = codec;
        this.answers = new Answers(codec);
        this.lines = lines;
        this.patienceNanos = patience.toNanos();
        channel.configureBlocking(false);
        this.selector = Selector.open();
    }

    /**
     * Serves until the client goes, breaks the rules, or the thread is interrupted. One that only says that it sends no
     * more gets all its answers before.
     */
    void run() {
        try {
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
            while (open && !Thread.currentThread().isInterrupted()) {
                boolean waiting = waiting();
                boolean full = lines.ended() || busy && lines.half() || owed() > BACKLOG;
                key.interestOps((full ? 0 : SelectionKey.OP_READ) | (waiting ? SelectionKey.OP_WRITE : 0));
                selector.select(waiting || lines.half() && !busy ? 1000 : 0);
                selector.selectedKeys().clear();
                if (waiting) {
                    write(null);
                }
                if (key.isReadable() && !full) {
                    lines.read(channel);
                }
                work();
                if (over()) {
                    break;
                }
            }
        } catch (IOException | ClosedSelectorException | CancelledKeyException gone) {
            LOG.debug("A client went away: {}", gone.getMessage());
        } finally {
            close();
            hub.closed(caller);
            lines.close();
        }
    }

    @Override
    public void close() {
        open = false;
        try {
            channel.close();
            selector.close();
        } catch (IOException e) {
            LOG.debug("Closing a connection", e);
        }
    }

    /** Begins the next requests while none is under way. */
    private void work() {
        do {
            begin();
            more = lines.more(); // before busy is looked at again; whoever ends a request looks the other way round
        } while (free() && lines.ready());
    }

    /** Whether another request may begin: each when the one before is answered, none while much is not taken. */
    private boolean free() {
        return !busy && open && owed() <= BACKLOG;
    }

    private void begin() {
        while (free()) {
            Lines.Line line = lines.next();
            if (line == null) {
                return;
            }
            silent = false;
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
            boolean written = false;
            try {
                written = write(answer(itsId, future));
            } finally {
                busy = false; // after its answer, or the next one could overtake it
                if (!written || more) {
                    selector.wakeup();
                }
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
            return answers.error(null, new Refusal("internal error; see the hub's log")); // the id may be what it is
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
        synchronized (this) {
            leaving = true;
        }
    }

    /** Whether it has not said a line yet. */
    boolean silent() {
        return silent;
    }

    /** When it came, as {@link System#nanoTime} has it. */
    long since() {
        return since;
    }

    private synchronized boolean waiting() {
        return out != null;
    }

    private synchronized int owed() {
        return out == null ? 0 : out.remaining();
    }

    private synchronized boolean leaving() {
        return leaving;
    }

    private boolean over() {
        String overdue = busy || leaving() || owed() > BACKLOG ? null : lines.overdue();
        if (overdue != null) {
            refuse(overdue);
        }
        synchronized (this) {
            if (out != null && System.nanoTime() - taken > patienceNanos) {
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
            } else {
                taken = System.nanoTime();
            }
            out = next;
        }
        try {
            while (out != null) {
                if (channel.write(out) == 0) {
                    return false;
                }
                taken = System.nanoTime();
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
