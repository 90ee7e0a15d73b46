package io.koshi.swarm.internal;

import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.rpc.Caller;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client of the TCP lines. The door's thread reads; a request begins when the one before it was answered, and
 * whoever finishes it writes the answer without waiting for the client. Reading is confined to the door's thread;
 * writing is thread-safe.
 */
final class Client implements AutoCloseable {
    /** Longest line, in bytes. */
    static final int MOST = 8 << 20;

    private static final int SMALL = 16 << 10;
    private static final int BACKLOG = 1 << 20;
    private static final Object NOTHING = new Object();
    private static final Logger LOG = LoggerFactory.getLogger(Client.class);

    private final SocketChannel channel;
    private final SelectionKey key;
    private final Caller caller;
    private final Hub hub;
    private final Codec codec;
    private final Answers answers;
    private final long lineNanos;
    private final Consumer<Client> again;
    private ByteBuffer in = ByteBuffer.allocate(SMALL);
    private int searched;
    private long begunAt;
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
            int lineSeconds,
            Consumer<Client> again) {
        this.channel = channel;
        this.key = key;
        this.caller = caller;
        this.hub = hub;
        this.codec = codec;
        this.answers = new Answers(codec);
        this.lineNanos = TimeUnit.SECONDS.toNanos(lineSeconds);
        this.again = again;
    }

    Caller caller() {
        return caller;
    }

    /** Reads, begins and writes what can be now; false when the client is to go. */
    boolean tend(boolean readable) throws IOException {
        if (!open) {
            return false;
        }
        write(null);
        if (readable && !full() && !read()) {
            return false;
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
        return more && !busy;
    }

    private boolean full() {
        return leaving || busy && in.position() > 0;
    }

    @Override
    public void close() {
        open = false;
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("Closing a connection", e);
        }
    }

    private boolean read() throws IOException {
        if (!in.hasRemaining()) {
            in = ByteBuffer.allocate(Math.min(in.capacity() * 4, MOST + 2)).put(in.flip());
        }
        if (in.position() == 0) {
            begunAt = System.nanoTime();
        }
        return channel.read(in) >= 0;
    }

    /** Begins the next requests while none is under way. */
    private void work() {
        do {
            begin();
            more = in.position()
                    > 0; // told before busy is read again: whoever ends a request looks the other way round
        } while (!busy && open && !leaving && end() >= 0);
    }

    private void begin() {
        while (!busy && open && !leaving) {
            int end = end();
            if (end < 0) {
                if (in.position() > MOST) {
                    refuse("a line has at most " + MOST + " bytes");
                }
                return;
            }
            byte[] line = Arrays.copyOf(in.array(), end);
            int left = in.position() - end - 1;
            System.arraycopy(in.array(), end + 1, in.array(), 0, left);
            in.position(left);
            searched = 0;
            begunAt = System.nanoTime();
            if (in.capacity() > SMALL && left == 0) {
                in = ByteBuffer.allocate(SMALL);
            }
            take(line);
        }
    }

    private int end() {
        byte[] bytes = in.array();
        for (int i = searched; i < in.position(); i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        searched = in.position();
        return -1;
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
            stage = hub.call(caller, id, String.valueOf(request.get("method")), new Params(values));
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
        try {
            return codec.parseJson(line);
        } catch (KoshiException e) {
            String text = new String(line, StandardCharsets.UTF_8).strip();
            return text.isEmpty() ? NOTHING : PythonJson.parse(text);
        }
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
        boolean half = !busy && in.position() > 0 && end() < 0;
        if (half && System.nanoTime() - begunAt > lineNanos) {
            refuse("a line must end within " + TimeUnit.NANOSECONDS.toSeconds(lineNanos) + " s");
        }
        synchronized (this) {
            if (out != null && out.remaining() > BACKLOG + MOST) {
                LOG.warn("Closed a client that takes no answers");
                return true;
            }
            return leaving && out == null;
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
