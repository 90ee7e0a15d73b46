package io.koshi.plugin.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.util.Locale;

/** A plugin that does not come or go as asked, and at which point. */
final class PluginFailure extends Exception {
    private static final long serialVersionUID = 1L;

    /** How far it got; the names are those of the event {@code plugin.failed}. */
    enum Phase {
        FETCH(ErrorCode.INVALID_PARAMS),
        RESOLVE(ErrorCode.CONFLICT),
        START(ErrorCode.METHOD_ERROR),
        ACTIVATE(ErrorCode.METHOD_ERROR),
        TIMEOUT(ErrorCode.TIMEOUT);

        private final ErrorCode code;

        Phase(ErrorCode code) {
            this.code = code;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Phase phase;
    private final ErrorCode code;

    PluginFailure(Phase phase, String sentence) {
        this(phase, sentence, null);
    }

    PluginFailure(Phase phase, String sentence, Throwable cause) {
        this(phase, phase.code, sentence, cause);
    }

    private PluginFailure(Phase phase, ErrorCode code, String sentence, Throwable cause) {
        super(sentence, cause);
        this.phase = phase;
        this.code = code;
    }

    /** What was asked for is nowhere. */
    static PluginFailure notFound(String sentence) {
        return new PluginFailure(Phase.FETCH, ErrorCode.NOT_FOUND, sentence, null);
    }

    Phase phase() {
        return phase;
    }

    KoshiException asKoshi() {
        return new KoshiException(code, getMessage(), this);
    }
}
