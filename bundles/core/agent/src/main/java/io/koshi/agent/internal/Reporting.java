package io.koshi.agent.internal;

import io.koshi.agent.Agent.Ask;
import io.koshi.api.Message;
import io.koshi.api.Trust;
import io.koshi.store.Tx;
import java.util.List;
import java.util.Optional;

/** Keeps what came of given-out work, and has the session that gave it out told by a turn. Thread-safe. */
record Reporting(TurnQueue turns, AgentResults results) {
    /** In the commit that ends the specialist's run; the session that has a report waiting gets this with it. */
    void report(Tx tx, StoredTurn stored, Ending ending) {
        long id = results.add(tx, stored, ending);
        Optional<String> employer = stored.assignment().employer();
        if (employer.isEmpty() || turns.reportWaits(tx, employer.get())) {
            return;
        }
        Ask told = new Ask(
                employer.get(),
                stored.assignment().talksAt(),
                List.of(),
                "Work you gave out has ended: " + AgentPointers.to(id),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Message.WEBHOOK,
                Trust.LOW);
        turns.add(tx, told, Assignment.REPORT, Optional.of(stored.turn().runId()));
    }
}
