package io.koshi.testkit;

import jakarta.servlet.http.HttpServlet;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** A real Jetty with one servlet, on a free loopback port. */
public final class ServletServer implements AutoCloseable {
    private final Server server = new Server();
    private final ServerConnector connector = new ServerConnector(server);

    public ServletServer(HttpServlet servlet, String... paths) throws Exception {
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler("/");
        ServletHolder holder = new ServletHolder(servlet);
        holder.setAsyncSupported(true);
        for (String path : paths) {
            context.addServlet(holder, path);
        }
        server.setHandler(context);
        server.start();
    }

    public URI uri(String pathAndQuery) {
        return URI.create("http://127.0.0.1:" + connector.getLocalPort() + pathAndQuery);
    }

    /** Speaks bare bytes: sends a head, then whatever the sender does, and returns the status line. */
    public String raw(String head, Sender sender) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort())) {
            socket.setSoTimeout(120_000);
            OutputStream out = socket.getOutputStream();
            out.write(head.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            try {
                sender.send(out);
                out.flush();
            } catch (IOException refused) {
                // the server has closed its side; what it said can still be read
            }
            return firstLine(socket.getInputStream());
        }
    }

    /** As {@link #raw(String, Sender)}; returns the heads of so many answers. */
    public String raw(String head, Sender sender, int answers) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort())) {
            socket.setSoTimeout(120_000);
            OutputStream out = socket.getOutputStream();
            out.write(head.getBytes(StandardCharsets.ISO_8859_1));
            try {
                sender.send(out);
                out.flush();
            } catch (IOException refused) {
                // as above
            }
            StringBuilder heads = new StringBuilder();
            InputStream in = socket.getInputStream();
            for (int i = 0; i < answers; i++) {
                int from = heads.length();
                while (heads.indexOf("\r\n\r\n", from) < 0) {
                    int c = in.read();
                    if (c < 0) {
                        throw new IOException("closed after " + heads);
                    }
                    heads.append((char) c);
                }
                String one = heads.substring(from);
                int at = one.indexOf("Content-Length: ");
                in.readNBytes(Integer.parseInt(one.substring(at + 16, one.indexOf('\r', at))));
            }
            return heads.toString();
        }
    }

    private static String firstLine(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\r'; c = in.read()) {
            line.append((char) c);
        }
        return line.toString();
    }

    /** Writes a body. */
    public interface Sender {
        void send(OutputStream out) throws IOException;
    }

    @Override
    public void close() throws Exception {
        server.stop();
    }
}
