package io.koshi.config.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Hides what must not be shown of a configuration: what was filled in, secrets by their key, passwords in URLs. Confined
 * to one call.
 */
final class Redaction {
    private static final String HIDDEN = "****";
    private static final int SHORTEST = 6;
    private static final Set<String> SECRET = Set.of(
            "token",
            "tokens",
            "secret",
            "secrets",
            "password",
            "passwords",
            "passwd",
            "passphrase",
            "key",
            "keys",
            "apikey",
            "credential",
            "credentials",
            "authorization",
            "cookie");
    private static final Pattern WORD = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+");
    private static final Pattern USER_INFO = Pattern.compile("://[^/\\s@]+@");

    private final Set<String> filled;
    private final Map<String, Boolean> keys = new HashMap<>(); // thousands of entries have a few keys

    private Redaction(Set<String> filled) {
        this.filled = filled;
    }

    /** The texts that {@link #of} hides, but for those so short that they are words as well. */
    static Set<String> secrets(Document document) {
        Set<String> found = new HashSet<>();
        new Redaction(document.filled()).gather(document.data(), "", false, found);
        return Set.copyOf(found);
    }

    /** A text without these secrets. */
    static String mask(String text, Set<String> secrets) {
        String masked = text;
        for (String secret : secrets) {
            masked = masked.replace(secret, HIDDEN);
        }
        return masked;
    }

    private void gather(Object value, String path, boolean secret, Set<String> found) {
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, below) -> gather(
                    below,
                    Document.child(path, key.toString()),
                    secret || keys.computeIfAbsent(key.toString(), Redaction::isSecret),
                    found));
        } else if (value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                gather(list.get(i), path + "/" + i, secret, found);
            }
        } else if (value instanceof String text && (secret || filled.contains(path)) && text.length() >= SHORTEST) {
            found.add(text);
        }
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> of(Document document) {
        return (Map<String, Object>) new Redaction(document.filled()).hide(document.data(), "", false);
    }

    private Object hide(Object value, String path, boolean secret) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> copy = new LinkedHashMap<>();
            map.forEach((key, below) -> copy.put(
                    key.toString(),
                    hide(
                            below,
                            Document.child(path, key.toString()),
                            secret || keys.computeIfAbsent(key.toString(), Redaction::isSecret))));
            return copy;
        }
        if (value instanceof List<?> list) {
            List<Object> copy = new ArrayList<>();
            list.forEach(below -> copy.add(hide(below, path + "/" + copy.size(), secret)));
            return copy;
        }
        if (secret || filled.contains(path)) {
            return HIDDEN;
        }
        return value instanceof String text ? USER_INFO.matcher(text).replaceAll("://" + HIDDEN + "@") : value;
    }

    private static boolean isSecret(String key) {
        for (String word : WORD.split(key)) {
            if (SECRET.contains(word.toLowerCase(Locale.ROOT))) {
                return true;
            }
        }
        return false;
    }
}
