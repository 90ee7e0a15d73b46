package io.koshi.cli;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code koshi token} and {@code web}: who else may come in, and how far. */
final class Token {
    private Token() {}

    static int run(Words words, Invocation call) throws IOException, InterruptedException {
        String verb = words.next();
        return switch (verb == null ? "list" : verb) {
            case "list" -> list(words, call);
            case "create" -> create(words, call);
            case "rotate" -> {
                String name = words.next("a token; 'koshi token list' lists them");
                words.done();
                yield shown(call.ask("token.rotate", Map.of("name", name)), call);
            }
            case "revoke" -> revoke(words, call);
            default -> throw Failure.usage("koshi token takes create, list, revoke or rotate, not '" + verb + "'.");
        };
    }

    /** {@code koshi web}: a one-time link for a browser. */
    static int web(Words words, Invocation call) throws IOException, InterruptedException {
        words.done();
        try (Link link = call.reach()) {
            Map<?, ?> made = link.ask("token.link", Map.of(), Invocation.DEADLINE_MS);
            if (call.printed(made)) {
                return 0;
            }
            Map<?, ?> status = link.ask("hub.status", Map.of(), Invocation.DEADLINE_MS);
            Map<?, ?> http = (Map<?, ?>) status.get("http");
            call.out().println("http://" + http.get("host") + ":" + http.get("port") + made.get("path"));
            call.err().println("Open it in a browser of this machine within 10 minutes; it works once.");
            return 0;
        }
    }

    private static int list(Words words, Invocation call) throws IOException, InterruptedException {
        words.done();
        Map<?, ?> tokens = call.ask("token.list", Map.of());
        if (!call.printed(tokens) && tokens.get("tokens") instanceof List<?> list) {
            Table table = new Table("name", "scopes", "createdAt", "createdBy", "expiresAt");
            for (Object each : list) {
                Map<?, ?> token = (Map<?, ?>) each;
                Object end = Boolean.TRUE.equals(token.get("expired")) ? "expired" : token.get("expiresAt");
                String scopes = token.get("scopes") instanceof List<?> held ? Ask.join(held) : "";
                table.row(token.get("name"), scopes, token.get("createdAt"), token.get("createdBy"), end);
            }
            call.out().print(table.text("no tokens"));
        }
        return 0;
    }

    private static int create(Words words, Invocation call) throws IOException, InterruptedException {
        Map<String, Object> params = new LinkedHashMap<>();
        String scopes = words.option("--scope", "--scopes");
        String days = words.option("--days");
        params.put("name", words.next("what to call it"));
        words.done();
        if (scopes == null) {
            throw Failure.usage(
                    "Say what it may do: --scope session.read,memory.write, --scope '*.read', --scope '*'.");
        }
        params.put("scopes", List.of(scopes.strip().split("[, ]+")));
        if (days != null) {
            try {
                params.put("expiresInMs", Math.multiplyExact(Long.parseLong(days), 86_400_000L));
            } catch (NumberFormatException | ArithmeticException e) {
                throw Failure.usage("--days takes a whole number, not '" + days + "'.");
            }
        }
        return shown(call.ask("token.create", params), call);
    }

    private static int revoke(Words words, Invocation call) throws IOException, InterruptedException {
        String name = words.next("a token; 'koshi token list' lists them");
        words.done();
        Map<?, ?> revoked = call.ask("token.revoke", Map.of("name", name));
        if (!call.printed(revoked)) {
            call.out().println(name + " is revoked; what was open by it is closed");
        }
        return 0;
    }

    /** The secret alone on standard output, so that it can be piped to where it belongs. */
    private static int shown(Map<?, ?> made, Invocation call) {
        if (!call.printed(made)) {
            call.out().println(made.get("token"));
            Object end = made.get("expiresAt");
            call.err()
                    .println(made.get("name") + " may " + Ask.join((List<?>) made.get("scopes"))
                            + (end == null ? "" : " until " + end) + ". Keep it now: it is never shown again.");
        }
        return 0;
    }
}
