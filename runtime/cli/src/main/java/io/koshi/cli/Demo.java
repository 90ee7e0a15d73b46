package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * {@code koshi demo}: the hub's main job on a real hub of its own, in a home that is thrown away. A signed GitHub
 * delivery goes in, a rule routes it, a task is made, the console is told, and the trace shows the way.
 */
final class Demo {
    private static final long PATIENCE_MS = 60_000;

    private final Invocation call;
    private final String secret = UUID.randomUUID().toString();

    private Demo(Invocation call) {
        this.call = call;
    }

    static int run(Words words, Invocation caller) throws IOException, InterruptedException {
        caller.refuseChildren("start");
        words.done();
        Path home = Files.createTempDirectory("koshi-demo");
        Place place = new Place(home, true, caller.place().distribution());
        Invocation call = new Invocation(
                place, caller.json(), true, null, caller.environment(), caller.in(), caller.out(), caller.err());
        try {
            return new Demo(call).play();
        } finally {
            Stop.stop(call);
            delete(home);
        }
    }

    private int play() throws IOException, InterruptedException {
        String yaml = resource("koshi.yaml").replace("{secret}", secret);
        Files.writeString(call.place().home().resolve("koshi.yaml"), yaml);
        say("1. A hub of its own, with this koshi.yaml:", yaml);
        long began = System.nanoTime();
        Map<?, ?> status =
                new Daemon(call).start(List.of("--home", call.place().home().toString()));
        URI door = URI.create("http://127.0.0.1:" + ((Map<?, ?>) status.get("http")).get("port") + "/webhook/github");
        say("   ready after " + (System.nanoTime() - began) / 1_000_000 + " ms, pid " + status.get("pid"), "");

        try (Link link = call.connect()) {
            link.ask("gateway.subscribe", Map.of("topics", List.of("message.*", "console.*")), PATIENCE_MS);
            byte[] body = resource("delivery.json").getBytes(UTF_8);
            String delivery = UUID.randomUUID().toString();
            say(
                    "2. GitHub posts a signed delivery to " + door,
                    "   pull_request opened, " + body.length + " bytes, delivery " + delivery);
            say("   " + post(door, body, delivery, sign(body)), "");
            say(
                    "3. The same delivery again, as platforms do when in doubt:",
                    "   " + post(door, body, delivery, sign(body)));
            say("", "   and one that somebody forged:");
            say("   " + post(door, body, UUID.randomUUID().toString(), "sha256=" + "0".repeat(64)), "");
            follow(link);
            say("5. Its whole way, from the webhook to the receipt ('koshi trace " + delivery + "'):", "");
            Map<?, ?> tasks = link.ask("task.list", Map.of(), PATIENCE_MS);
            Ask.trace(new Words("trace", List.of(delivery)), call);
            boolean worked = tasks.get("tasks") instanceof List<?> list && list.size() == 1;
            say("", worked ? "One delivery, one task, one answer." : "That went wrong: " + Json.write(tasks));
            return worked ? 0 : Failure.FAILED;
        }
    }

    /** Shows the events of the delivery until the console has been told. */
    private void follow(Link link) throws IOException {
        say("4. What the hub says while it works:", "");
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
        boolean told = false;
        boolean sent = false;
        while (!told || !sent) {
            Map<?, ?> event = link.event(Math.max(1, TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime())));
            Map<?, ?> payload = (Map<?, ?>) event.get("payload");
            String topic = (String) event.get("event");
            switch (topic) {
                case "message.received" -> line(topic, payload.get("text"));
                case "message.routed" ->
                    line(topic, "by rule '" + payload.get("rule") + "': " + payload.get("actions"));
                case "console.reply" -> line(topic, payload.get("text"));
                case "message.sent" -> line(topic, payload.get("channel") + ", " + payload.get("status"));
                default -> line(topic, Json.write(payload));
            }
            told |= topic.equals("console.reply");
            sent |= topic.equals("message.sent");
        }
        say("", "");
    }

    private void line(String topic, Object words) {
        say(String.format("   %-17s %s", topic, words), null);
    }

    private void say(String line, String more) {
        if (!line.isEmpty()) {
            call.out().println(line);
        }
        if (more != null) {
            call.out().println(more);
        }
        call.out().flush();
    }

    private static String post(URI door, byte[] body, String delivery, String signature) throws IOException {
        HttpURLConnection post = (HttpURLConnection) door.toURL().openConnection();
        post.setRequestMethod("POST");
        post.setDoOutput(true);
        post.setConnectTimeout((int) PATIENCE_MS);
        post.setReadTimeout((int) PATIENCE_MS);
        post.setRequestProperty("Content-Type", "application/json");
        post.setRequestProperty("X-GitHub-Event", "pull_request");
        post.setRequestProperty("X-GitHub-Delivery", delivery);
        post.setRequestProperty("X-Hub-Signature-256", signature);
        post.getOutputStream().write(body);
        int status = post.getResponseCode();
        try (InputStream in = status < 400 ? post.getInputStream() : post.getErrorStream()) {
            return "HTTP " + status + " " + (in == null ? "" : new String(in.readAllBytes(), UTF_8).strip());
        }
    }

    private String sign(byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
            return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HMAC with SHA-256", e);
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Demo.class.getResourceAsStream("demo/" + name)) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    private static void delete(Path home) throws IOException {
        try (var files = Files.walk(home)) {
            for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
                Files.deleteIfExists(file);
            }
        }
    }
}
