package io.koshi.cli;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;

/** Reads addresses that people type. */
final class Addresses {
    private Addresses() {}

    /**
     * @param what it is, to begin a sentence with
     * @throws Failure when it has another scheme, or no host
     */
    static URI of(String text, String what, String... schemes) {
        try {
            URI uri = new URI(text);
            if (uri.getHost() != null && List.of(schemes).contains(uri.getScheme())) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // said below
        }
        throw Failure.usage(what + " is " + String.join(":// or ", schemes) + ":// and a host, not '" + text + "'.");
    }
}
