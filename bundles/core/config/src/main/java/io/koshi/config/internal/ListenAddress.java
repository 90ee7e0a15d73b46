package io.koshi.config.internal;

import io.koshi.api.Problem;
import io.koshi.config.Config.HttpBlock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.Optional;

/** Where the web server is to listen, tried out before it does: it says itself only in a log that it could not. */
record ListenAddress(String host, int port) {
    static ListenAddress of(HttpBlock http) {
        return new ListenAddress(http.host(), http.port());
    }

    /** Why nobody can listen here now, with the setting to change; empty when one could a moment ago. */
    Optional<Problem> problem() {
        InetAddress address;
        try {
            address = InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            return Optional.of(new Problem("/http/host", "there is no host " + host + "; use 127.0.0.1"));
        }
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true); // as the web server does, so that a port just left is no obstacle
            probe.bind(new InetSocketAddress(address, 0));
        } catch (IOException e) {
            return Optional.of(new Problem(
                    "/http/host", host + " is no address of this machine; use 127.0.0.1, or 0.0.0.0 for all of them"));
        }
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(address, port));
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(new Problem(
                    "/http/port",
                    "port " + port + " of " + host + " cannot be used (" + e.getMessage()
                            + "): end what listens there, or set http.port to another, 0 for any free one"));
        }
    }
}
