package io.koshi.service.mcp;

import io.koshi.api.Child;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Loop;
import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server that is a child: one JSON message a line on its input and output (MCP, transports, stdio). Lines that are no
 * message are skipped, up to a point; a child that goes, takes no more, or says too much at once takes the wire with it.
 * Thread-safe.
 */
final class StdioWire implements Wire {
    private static final Logger LOG = LoggerFactory.getLogger(StdioWire.class);
    private static final int MOST_GARBAGE = 1000;
    private static final int LAST_WORDS = 300;
    private static final int SECRET = 4;

    private final String server;
    private final Child child;
    private final Codec codec;
    private final Messages messages;
    private final Pools pools;
    private final Listener listener;
    private final Collection<String> secrets;
    private final Map<Long, CompletableFuture<Map<String, Object>>> waiting = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private final Loop out;
    private final Loop err;
    private volatile String lastWords = "";
    private volatile String gone;

    /** @param secrets what may stand in no message, though the server may say it */
    StdioWire(String server, Child child, Codec codec, Pools pools, Listener listener, Collection<String> secrets) {
        this.server = server;
        this.child = child;
        this.codec = codec;
        this.messages = new Messages(codec);
        this.pools = pools;
        this.listener = listener;
        this.secrets = secrets;
        this.out = pools.loop("mcp-" + server, this::listen);
        this.err = pools.loop("mcp-" + server + "-err", this::overhear);
    }

    @Override
    public Map<String, Object> request(String method, Map<String, Object> params, Duration limit)
            throws InterruptedException {
        long id = ids.incrementAndGet();
        CompletableFuture<Map<String, Object>> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        Future<?> sent = null;
        try {
            alive();
            sent = send(messages.request(id, method, params));
            return Messages.result(answer.get(limit.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            if (!sent.isDone()) {
                end("it takes nothing in"); // which also frees the thread that writes
            }
            throw new KoshiException(
                    ErrorCode.TIMEOUT, "server " + server + " did not answer within " + limit.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw unavailable();
        } finally {
            waiting.remove(id);
            if (!answer.isDone() && gone == null) {
                notify("notifications/cancelled", Map.of("requestId", id)); // whoever asked waits no more
            }
        }
    }

    @Override
    public void notify(String method, Map<String, Object> params) {
        send(messages.notification(method, params));
    }

    /** On another thread: a pipe that is full stops whoever writes into it, and cannot be interrupted. */
    private Future<?> send(byte[] message) {
        try {
            return pools.work().submit(() -> write(message));
        } catch (RejectedExecutionException e) {
            throw new KoshiException(ErrorCode.OVERLOADED, "the hub has too much to do; try again later", e);
        }
    }

    private void write(byte[] message) {
        OutputStream in = child.in();
        try {
            synchronized (in) {
                in.write(message);
                in.write('\n');
                in.flush();
            }
        } catch (IOException e) {
            end("it takes nothing in");
        }
    }

    private void listen() throws IOException {
        int garbage = 0;
        try {
            for (byte[] line = line(child.out()); line != null; line = line(child.out())) {
                if (line.length > 0 && !understood(line) && ++garbage > MOST_GARBAGE) {
                    end("it says what is no message");
                    return;
                }
            }
            end("it has ended");
        } catch (IOException e) {
            end(e.getMessage());
        }
    }

    /** False when it is no message. */
    private boolean understood(byte[] line) {
        Object data;
        try {
            data = codec.parseJson(line);
        } catch (KoshiException e) {
            return false;
        }
        Map<String, Object> message = Json.object(data);
        if (message.containsKey("method")) {
            if (message.get("id") != null) {
                send(messages.answer(message));
            } else {
                listener.notified(Json.text(message.get("method")));
            }
            return true;
        }
        if (message.get("id") instanceof Number id) {
            CompletableFuture<Map<String, Object>> answer = waiting.remove(id.longValue());
            if (answer != null) {
                answer.complete(message);
            }
            return true; // late ones are known too
        }
        return false;
    }

    /** One line without its end, null at the end of all. */
    private static byte[] line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(256);
        int c = in.read();
        if (c < 0) {
            return null;
        }
        while (c >= 0 && c != '\n') {
            if (line.size() == MAX_MESSAGE) {
                throw new IOException("it says more than " + MAX_MESSAGE + " bytes at once");
            }
            line.write(c);
            c = in.read();
        }
        return line.toByteArray();
    }

    /** What a server says on the side is for whoever looks why it does not work; only its end is kept. */
    private void overhear() throws IOException {
        byte[] piece = new byte[4096];
        InputStream said = child.err();
        for (int n = said.read(piece); n >= 0; n = said.read(piece)) {
            String words = (lastWords + new String(piece, 0, n, StandardCharsets.UTF_8)).strip();
            lastWords = words.substring(Math.max(0, words.length() - LAST_WORDS));
        }
    }

    private void end(String why) {
        if (gone == null) {
            gone = why;
            LOG.debug("MCP server {} is given up: {}", server, why);
        }
        child.kill();
        waiting.values().forEach(answer -> answer.completeExceptionally(new IOException(why)));
    }

    private void alive() {
        if (gone != null) {
            throw unavailable();
        }
    }

    private KoshiException unavailable() {
        String said = lastWords.replaceAll("\\s+", " ");
        for (String secret : secrets) {
            said = secret.length() >= SECRET ? said.replace(secret, "****") : said;
        }
        return new KoshiException(
                ErrorCode.SERVICE_UNAVAILABLE,
                "server " + server + " is not there: " + gone + (said.isEmpty() ? "" : "; it said last: " + said));
    }

    @Override
    public boolean open() {
        return gone == null;
    }

    @Override
    public void close() {
        if (gone == null) {
            gone = "it was closed";
        }
        try {
            child.in().close(); // by which MCP tells a server to end
            child.await(Duration.ofMillis(200));
        } catch (IOException e) {
            LOG.debug("MCP server {} has closed its input before", server);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        end("it was closed");
        out.close();
        err.close();
    }
}
