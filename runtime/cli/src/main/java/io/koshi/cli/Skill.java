package io.koshi.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** {@code koshi skill}: what agents know how to do. */
final class Skill {
    private static final int MAX_SIZE = 256 * 1024;

    private Skill() {}

    static int run(Words words, Invocation call) throws IOException, InterruptedException {
        String verb = words.next();
        return switch (verb == null ? "list" : verb) {
            case "list" -> list(words, call);
            case "show" -> show(words, call);
            case "add" -> add(words, call);
            case "remove" -> remove(words, call);
            default -> throw Failure.usage("koshi skill takes list, show, add or remove, not '" + verb + "'.");
        };
    }

    private static int list(Words words, Invocation call) throws IOException, InterruptedException {
        words.done();
        Map<?, ?> listing = call.ask("skill.list", Map.of());
        if (!call.printed(listing)) {
            call.out()
                    .print(Table.of(listing.get("skills"), "name", "source", "description")
                            .text("no skills"));
            for (Object item : (List<?>) listing.get("errors")) {
                Map<?, ?> fault = (Map<?, ?>) item;
                call.out()
                        .println("skills/" + fault.get("file") + " is broken"
                                + (Boolean.TRUE.equals(fault.get("serving")) ? ", its last good text serves" : "")
                                + ": "
                                + fault.get("error"));
            }
        }
        return 0;
    }

    private static int show(Words words, Invocation call) throws IOException, InterruptedException {
        String name = words.next("a skill; 'koshi skill list' lists them");
        words.done();
        Map<?, ?> skill = call.ask("skill.load", Map.of("name", name));
        if (!call.printed(skill)) {
            call.out().print(skill.get("markdown"));
        }
        return 0;
    }

    private static int add(Words words, Invocation call) throws IOException, InterruptedException {
        String file = words.next("a Markdown file with frontmatter, or - for standard input");
        words.done();
        Map<?, ?> skill = call.ask("skill.create", Map.of("markdown", text(file, call)));
        if (!call.printed(skill)) {
            call.out().println("added " + skill.get("name"));
        }
        return 0;
    }

    private static String text(String file, Invocation call) throws IOException {
        if (file.equals("-")) {
            return new String(call.in().readNBytes(MAX_SIZE), StandardCharsets.UTF_8);
        }
        try {
            Path path = Path.of(file);
            if (Files.isDirectory(path)) {
                throw Failure.usage(file + " is a directory; name a file in it.");
            }
            if (Files.size(path) > MAX_SIZE) {
                throw Failure.usage(file + " is too large for a skill.");
            }
            return Files.readString(path);
        } catch (NoSuchFileException e) {
            throw Failure.usage("There is no file " + file + ".");
        }
    }

    private static int remove(Words words, Invocation call) throws IOException, InterruptedException {
        String name = words.next("a skill; 'koshi skill list' lists them");
        words.done();
        Map<?, ?> gone = call.ask("skill.delete", Map.of("name", name));
        if (!call.printed(gone)) {
            call.out().println("removed " + gone.get("name"));
        }
        return 0;
    }
}
