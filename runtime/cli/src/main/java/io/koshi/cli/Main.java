package io.koshi.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The koshi command: a window into the daemon that opens nothing behind its back. */
public final class Main {
    /** What changes the hub itself, or shows its secrets, and so is not for what the hub has started. */
    private static final Set<String> NOT_INSIDE =
            Set.of("add", "remove", "config", "secret", "token", "web", "gogo", "backup", "restore", "install-service");

    private Main() {}

    public static void main(String[] args) {
        PrintStream out = stream(FileDescriptor.out);
        PrintStream err = stream(FileDescriptor.err);
        int exit = run(List.of(args), System.getenv(), System.in, out, err);
        out.flush();
        err.flush();
        System.exit(exit);
    }

    /** Runs one command line; the exit code is 0 done, 1 failed, 2 usage, 3 daemon not running, 4 refused. */
    static int run(
            List<String> args, Map<String, String> environment, InputStream in, PrintStream out, PrintStream err) {
        boolean json = args.contains("--json");
        try {
            return dispatch(args, environment, in, out, err);
        } catch (Failure failure) {
            err.println(json ? Json.write(failure.frame()) : failure.getMessage());
            return failure.exit();
        } catch (FileSystemException file) {
            Failure failure = Failure.of(file);
            err.println(json ? Json.write(failure.frame()) : failure.getMessage());
            return failure.exit();
        } catch (CharacterCodingException e) {
            Failure failure = Failure.failed("What should be read is no text in UTF-8; save it as that first.");
            err.println(json ? Json.write(failure.frame()) : failure.getMessage());
            return failure.exit();
        } catch (IOException e) {
            String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            Failure failure = Failure.failed("Talking to the hub failed: " + why + "; see 'koshi doctor'.");
            err.println(json ? Json.write(failure.frame()) : failure.getMessage());
            return failure.exit();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Failure.FAILED;
        }
    }

    private static int dispatch(
            List<String> args, Map<String, String> environment, InputStream in, PrintStream out, PrintStream err)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>();
        String home = null;
        boolean json = false;
        boolean mayStart = true;
        boolean help = false;
        boolean literal = false;
        for (int i = 0; i < args.size(); i++) {
            String arg = args.get(i);
            if (literal) {
                words.add(arg);
            } else if (arg.equals("--home")) {
                if (++i == args.size()) {
                    throw Failure.usage("--home needs a directory.");
                }
                home = args.get(i);
            } else if (arg.startsWith("--home=")) {
                home = arg.substring(7);
            } else {
                switch (arg) {
                    case "--json" -> json = true;
                    case "--no-start" -> mayStart = false;
                    case "--help", "-h" -> help = true;
                    default -> {
                        literal = arg.equals("--");
                        words.add(arg);
                    }
                }
            }
        }
        if (words.isEmpty() || help || words.get(0).equals("help")) {
            return Help.print(words, help, out, err);
        }
        String run = environment.getOrDefault("KOSHI_RUN", environment.get("KOSHI_CHILD"));
        Invocation call = new Invocation(
                Place.of(home, environment),
                json,
                mayStart,
                run == null || run.isEmpty() ? null : run,
                environment,
                in,
                out,
                err);
        if (words.get(0).equals("daemon")) {
            words.remove(0);
            if (words.isEmpty()
                    || !List.of("start", "stop", "restart", "status", "reload", "logs")
                            .contains(words.get(0))) {
                throw Failure.usage("koshi daemon takes start, stop, restart, status, reload or logs.");
            }
        }
        String command = words.remove(0);
        if (NOT_INSIDE.contains(command)) {
            call.refuseInside(command);
        }
        return command(command, new Words(command, words), call);
    }

    /** One line for each command, so that only the classes of the one that runs are loaded. */
    private static int command(String command, Words words, Invocation call) throws IOException, InterruptedException {
        return switch (command) {
            case "status" -> Status.run(words, call);
            case "start" -> Start.run(words, call);
            case "stop" -> Stop.run(words, call);
            case "restart" -> Start.again(words, call);
            case "reload" -> Ask.reload(words, call);
            case "logs" -> Logs.run(words, call);
            case "chat" -> Chat.run(words, call);
            case "watch" -> Watch.run(words, call);
            case "send" -> Ask.send(words, call);
            case "call" -> Ask.call(words, call);
            case "trace" -> Ask.trace(words, call);
            case "add" -> Plugins.add(words, call);
            case "remove" -> Plugins.remove(words, call);
            case "plugins" -> Plugins.list(words, call);
            case "plan" -> Plugins.plan(words, call);
            case "route" -> Route.run(words, call);
            case "buffer" -> Buffer.run(words, call);
            case "memories" -> Memories.run(words, call);
            case "session" -> Records.session(words, call);
            case "agent" -> Agent.run(words, call);
            case "usage" -> Agent.usage(words, call);
            case "task" -> Tasks.run(words, call);
            case "worker" -> Crew.run(words, call);
            case "cron" -> Cron.run(words, call);
            case "skill" -> Skill.run(words, call);
            case "tool" -> Tool.run(words, call);
            case "approve" -> Approve.run(words, call, "allow");
            case "deny" -> Approve.run(words, call, "deny");
            case "token" -> Token.run(words, call);
            case "web" -> Token.web(words, call);
            case "mcp" -> Mcp.run(words, call);
            case "gogo" -> Gogo.run(words, call);
            case "config" -> ConfigFile.run(words, call);
            case "secret" -> Secret.run(words, call);
            case "doctor" -> Doctor.run(words, call);
            case "version" -> Version.run(words, call);
            case "demo" -> Demo.run(words, call);
            case "completion" -> Completion.run(words, call);
            default -> throw Help.unknown(command);
        };
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(
                new BufferedOutputStream(new PlainText(new FileOutputStream(descriptor)), 8192),
                true,
                StandardCharsets.UTF_8);
    }
}
