package io.koshi.cli;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code koshi approve} and {@code koshi deny}: what a run waits for. */
final class Approve {
    private Approve() {}

    /** @param decision {@code allow} or {@code deny} */
    static int run(Words words, Invocation call, String decision) throws IOException, InterruptedException {
        boolean remember = words.flag("--remember");
        String id = words.next();
        words.done();
        Map<?, ?> waiting = call.ask("approval.list", Map.of());
        if (id == null) {
            if (!call.printed(waiting)) {
                call.out()
                        .print(Table.of(waiting.get("approvals"), "id", "tool", "args", "reason", "expiresAt")
                                .text("nothing waits for you"));
            }
            return 0;
        }
        call.refuseChildren("approve");
        Map<?, ?> decided = call.ask(
                "approval.decide", Map.of("id", whole(id, waiting), "decision", decision, "remember", remember));
        if (!call.printed(decided)) {
            call.out().println(decision.equals("allow") ? "approved" : "denied");
        }
        return 0;
    }

    /** The id that ends like this, where only one does: people are told its end. */
    private static String whole(String id, Map<?, ?> waiting) {
        String end = id.toUpperCase(Locale.ROOT);
        List<String> found = ((List<?>) waiting.get("approvals"))
                .stream()
                        .map(one -> String.valueOf(((Map<?, ?>) one).get("id")))
                        .filter(one -> end.length() >= 4 && one.endsWith(end))
                        .toList();
        return found.size() == 1 ? found.get(0) : id;
    }
}
