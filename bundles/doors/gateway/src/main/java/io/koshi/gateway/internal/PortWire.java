package io.koshi.gateway.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.koshi.api.KoshiException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to a port of its own: its handshake, which has 5 seconds and 16 KiB, and then its bytes. It runs on a
 * thread and a selector of its own; writing is thread-safe.
 */
final class PortWire implements Pipe {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.gateway");
    private static final Duration HANDSHAKE = Duration.ofSeconds(5);
    private static final int LONGEST_HEAD = 16 << 10;
    private static final int AT_ONCE = 16 << 10;

    private final SocketChannel channel;
    private final Selector selector;
    private final Function<Pipe, Peer> maker;
    private final ByteBuffer buffer = ByteBuffer.allocate(AT_ONCE);
    private volatile boolean reading = true;
    private volatile boolean draining;

    // guarded by this
    private ByteBuffer unwritten;
    private Done unfinished;

    /** @param maker makes the peer when the handshake is done */
    PortWire(SocketChannel channel, Function<Pipe, Peer> maker) throws IOException {
        this.channel = channel;
        this.maker = maker;
        channel.configureBlocking(false);
        channel.socket().setTcpNoDelay(true);
        this.selector = Selector.open();
    }

    /** Serves the client until it goes. */
    void run() {
        Peer peer = null;
        try {
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
            if (!shakeHands(key)) {
                return;
            }
            peer = maker.apply(this);
            peer.open();
            peer.read(buffer); // what came with the handshake
            serve(key, peer);
        } catch (IOException | ClosedSelectorException | CancelledKeyException gone) {
            LOG.debug("A client of a port went away: {}", gone.toString());
        } finally {
            if (peer != null) {
                peer.gone();
            }
            close();
        }
    }

    private void serve(SelectionKey key, Peer peer) throws IOException {
        while (channel.isOpen() && !Thread.currentThread().isInterrupted()) {
            reading = peer.wantsMore();
            key.interestOps((reading ? SelectionKey.OP_READ : 0) | (writing() ? SelectionKey.OP_WRITE : 0));
            selector.select(1000);
            selector.selectedKeys().clear();
            if (key.isReadable()) {
                buffer.clear();
                int read = channel.read(buffer);
                if (read < 0) {
                    return;
                }
                if (read > 0) { // a key stays readable when a select ends by its time-out; silence must not count as
                    // life
                    peer.read(buffer.flip());
                }
            }
            if (key.isWritable()) {
                writeOn();
            }
            if (draining && !writing()) {
                channel.shutdownOutput();
                return;
            }
        }
    }

    private boolean shakeHands(SelectionKey key) throws IOException {
        StringBuilder head = new StringBuilder();
        long until = System.nanoTime() + HANDSHAKE.toNanos();
        int end = -1;
        while (end < 0) {
            long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
            if (left <= 0 || head.length() > LONGEST_HEAD || draining) {
                return false;
            }
            selector.select(left);
            selector.selectedKeys().clear();
            buffer.clear();
            if (channel.read(buffer) < 0) {
                return false;
            }
            head.append(ISO_8859_1.decode(buffer.flip()));
            end = head.indexOf("\r\n\r\n");
        }
        int rest = head.length() - end - 4;
        buffer.position(buffer.limit() - rest);
        return answer(head.substring(0, end));
    }

    private boolean answer(String head) throws IOException {
        String[] lines = head.split("\r\n");
        Map<String, String> headers = new HashMap<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon > 0) {
                headers.put(
                        lines[i].substring(0, colon).strip().toLowerCase(Locale.ROOT),
                        lines[i].substring(colon + 1).strip());
            }
        }
        if (headers.containsKey("origin")) {
            say("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            return false;
        }
        try {
            String accept =
                    Handshake.accept(lines[0].split(" ", 2)[0], name -> headers.get(name.toLowerCase(Locale.ROOT)));
            say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: " + accept + "\r\n\r\n");
            return true;
        } catch (KoshiException e) {
            say("HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: close\r\n"
                    + "Content-Length: 0\r\n\r\n");
            return false;
        }
    }

    /** A few bytes on a connection that has taken none yet: they always go. */
    private void say(String text) throws IOException {
        channel.write(ByteBuffer.wrap(text.getBytes(ISO_8859_1)));
    }

    @Override
    public void write(ByteBuffer bytes, Done done) {
        try {
            channel.write(bytes);
        } catch (IOException e) {
            done.written(e);
            return;
        }
        if (bytes.hasRemaining()) {
            synchronized (this) {
                unwritten = bytes;
                unfinished = done;
            }
            selector.wakeup();
        } else {
            done.written(null);
        }
    }

    private synchronized boolean writing() {
        return unwritten != null;
    }

    private void writeOn() throws IOException {
        Done done;
        synchronized (this) {
            if (unwritten == null) {
                return;
            }
            channel.write(unwritten);
            if (unwritten.hasRemaining()) {
                return;
            }
            unwritten = null;
            done = unfinished;
            unfinished = null;
        }
        done.written(null);
    }

    @Override
    public void readOn() {
        if (!reading) {
            selector.wakeup();
        }
    }

    /** Ends when what waits is written. */
    void drain() {
        draining = true;
        selector.wakeup();
    }

    @Override
    public void finish() {
        try {
            channel.shutdownOutput();
        } catch (IOException gone) {
            LOG.debug("A client of a port went away: {}", gone.toString());
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
            selector.close();
        } catch (IOException e) {
            LOG.debug("Closing a connection", e);
        }
    }
}
