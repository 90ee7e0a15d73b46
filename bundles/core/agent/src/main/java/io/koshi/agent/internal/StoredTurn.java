package io.koshi.agent.internal;

import io.koshi.api.Message;
import io.koshi.api.Trust;
import io.koshi.api.Turn;
import io.koshi.model.Usage;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A turn as its row has it.
 *
 * @param n its row, rising with the order of asking
 * @param fence the token under which it holds its task
 * @param step how far down the list of models it has come: 0 the first, then the fallbacks
 * @param tries how often the model of this step has been tried, this one included
 * @param used what earlier attempts used
 * @param interrupted whether a newer message takes its place
 */
record StoredTurn(
        long n,
        Turn turn,
        Assignment assignment,
        Optional<Long> fence,
        Optional<String> parentRunId,
        int step,
        int tries,
        Instant nextAt,
        Usage used,
        boolean interrupted) {
    /** A turn that nobody asked for, to see what its model would be told. */
    static StoredTurn imagined(String sessionKey, String prompt, Assignment assignment) {
        Turn turn = new Turn(
                "imagined",
                sessionKey,
                Optional.empty(),
                List.of(),
                prompt,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Message.PERSON,
                Trust.HIGH,
                1,
                Instant.now());
        return new StoredTurn(
                0, turn, assignment, Optional.empty(), Optional.empty(), 0, 1, Instant.now(), Usage.NONE, false);
    }
}
