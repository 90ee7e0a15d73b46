package io.koshi.service.mcp;

import io.koshi.codec.internal.RecordCodec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An MCP server on stdin and stdout with tools for every way a server can be bad; each start is a line in a file. */
final class FakeServerMain {
    private static final RecordCodec CODEC = new RecordCodec();
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private static boolean changed;

    private FakeServerMain() {}

    public static void main(String[] args) throws IOException {
        Files.writeString(
                Path.of(args[0]),
                ProcessHandle.current().pid() + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        OUT.println("I am no message, and I come first");
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Map<String, Object> message = Json.object(CODEC.parseJson(line.getBytes(StandardCharsets.UTF_8)));
            Object id = message.get("id");
            switch (Json.text(message.get("method"))) {
                case "initialize" ->
                    say(Map.of(
                            "jsonrpc",
                            "2.0",
                            "id",
                            id,
                            "result",
                            Map.of(
                                    "protocolVersion", "2025-06-18",
                                    "capabilities", Map.of("tools", Map.of("listChanged", true)),
                                    "serverInfo", Map.of("name", "fake", "version", "1"))));
                case "tools/list" -> list(message, id);
                case "tools/call" -> call(message, id);
                default -> {}
            }
        }
    }

    private static void list(Map<String, Object> message, Object id) {
        boolean first = Json.object(message.get("params")).isEmpty();
        List<Object> tools = new ArrayList<>();
        for (String name : first ? List.of("echo", "Die Now!", "hang") : List.of("garble", "flood", "change", "ask")) {
            tools.add(Map.of(
                    "name",
                    name,
                    "description",
                    "Does " + name + ".",
                    "inputSchema",
                    Map.of("type", "object", "properties", Map.of("say", Map.of("type", "string"))),
                    "annotations",
                    Map.of("readOnlyHint", name.equals("echo"))));
        }
        if (!first && changed) {
            tools.add(Map.of("name", "fresh", "inputSchema", Map.of("type", "object")));
        }
        say(Map.of(
                "jsonrpc",
                "2.0",
                "id",
                id,
                "result",
                first ? Map.of("tools", tools, "nextCursor", "more") : Map.of("tools", tools)));
    }

    private static void call(Map<String, Object> message, Object id) {
        Map<String, Object> params = Json.object(message.get("params"));
        String said = Json.text(Json.object(params.get("arguments")).get("say"));
        switch (Json.text(params.get("name"))) {
            case "echo" -> answer(id, said + " in " + System.getenv().getOrDefault("PLACE", "?"), false);
            case "Die Now!" -> {
                System.err.println("my last words: " + System.getenv("PLACE"));
                Runtime.getRuntime().halt(3);
            }
            case "garble" -> {
                for (int i = 0; i < 50; i++) {
                    OUT.println("{\"jsonrpc\": garbage " + i);
                }
                OUT.println("[]");
                OUT.println("{\"jsonrpc\":\"2.0\",\"id\":9999,\"result\":{}}");
                answer(id, "after the garbage", true);
            }
            case "flood" -> {
                while (!OUT.checkError()) {
                    OUT.print("x".repeat(100_000));
                }
            }
            case "change" -> {
                changed = true;
                say(Map.of("jsonrpc", "2.0", "method", "notifications/tools/list_changed"));
                answer(id, "changed", false);
            }
            case "ask" -> {
                say(Map.of("jsonrpc", "2.0", "id", "s1", "method", "sampling/createMessage", "params", Map.of()));
                say(Map.of("jsonrpc", "2.0", "id", "s2", "method", "ping"));
                answer(id, "asked", false);
            }
            default -> {} // hang: it never answers
        }
    }

    private static void answer(Object id, String text, boolean error) {
        say(Map.of(
                "jsonrpc",
                "2.0",
                "id",
                id,
                "result",
                Map.of("content", List.of(Map.of("type", "text", "text", text)), "isError", error)));
    }

    private static void say(Map<String, Object> message) {
        OUT.println(new String(CODEC.json(message), StandardCharsets.UTF_8));
    }
}
