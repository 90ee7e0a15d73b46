package io.koshi.service.web;

import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server answered.
 *
 * @param headers by name in lower case
 * @param cut whether there was more of the body than is kept
 */
record Answer(URI uri, int status, Map<String, String> headers, byte[] body, boolean cut) {
    private static final Pattern CHARSET = Pattern.compile("charset\\s*=\\s*\"?([\\w.:-]+)", Pattern.CASE_INSENSITIVE);

    Optional<String> redirect() {
        return switch (status) {
            case 301, 302, 303, 307, 308 -> Optional.ofNullable(headers.get("location"));
            default -> Optional.empty();
        };
    }

    /** Media type without its parameters, lower case; empty where nothing is said. */
    String type() {
        return headers.getOrDefault("content-type", "").split(";")[0].strip().toLowerCase(Locale.ROOT);
    }

    Optional<String> charset() {
        Matcher found = CHARSET.matcher(headers.getOrDefault("content-type", ""));
        return found.find() ? Optional.of(found.group(1)) : Optional.empty();
    }
}
