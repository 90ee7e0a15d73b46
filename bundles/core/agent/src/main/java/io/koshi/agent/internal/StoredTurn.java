package io.koshi.agent.internal;

import io.koshi.api.Turn;
import io.koshi.model.Usage;
import java.time.Instant;
import java.util.Optional;

/**
 * A turn as its row has it.
 *
 * @param n its row, rising with the order of asking
 * @param fence the token under which it holds its task
 * @param step how far down the list of models it has come: 0 the first, then the fallbacks
 * @param tries how often the model of this step has been tried, this one included
 * @param used what earlier attempts used
 */
record StoredTurn(
        long n,
        Turn turn,
        Optional<Long> fence,
        Optional<String> parentRunId,
        int step,
        int tries,
        Instant nextAt,
        Usage used) {}
