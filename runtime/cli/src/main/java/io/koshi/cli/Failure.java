package io.koshi.cli;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Why a command ends: an exit code, a code of the protocol, and a sentence that says what to do. */
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int NOT_RUNNING = 3;
    static final int REFUSED = 4;

    private final int exit;
    private final String code;
    private final transient Object details;

    private Failure(int exit, String code, String sentence, Object details) {
        super(sentence, null, false, false);
        this.exit = exit;
        this.code = code;
        this.details = details;
    }

    static Failure failed(String sentence) {
        return new Failure(FAILED, "INTERNAL", sentence, null);
    }

    static Failure timeout(String sentence) {
        return new Failure(FAILED, "TIMEOUT", sentence, null);
    }

    static Failure notFound(String sentence) {
        return new Failure(FAILED, "NOT_FOUND", sentence, null);
    }

    static Failure usage(String sentence) {
        return new Failure(USAGE, "INVALID_PARAMS", sentence, null);
    }

    static Failure notRunning(Place place) {
        return new Failure(
                NOT_RUNNING,
                "SERVICE_UNAVAILABLE",
                "Koshi is not running in " + place.home() + "; start it with 'koshi start'.",
                null);
    }

    static Failure refused(String sentence) {
        return new Failure(REFUSED, "FORBIDDEN", sentence, null);
    }

    /** What the hub answered instead of a result. */
    static Failure of(Map<?, ?> error) {
        String code = String.valueOf(error.get("code"));
        int exit = switch (code) {
            case "FORBIDDEN", "UNAUTHORIZED", "CONFLICT" -> REFUSED;
            default -> FAILED;
        };
        return new Failure(exit, code, String.valueOf(error.get("message")), error.get("details"));
    }

    /** A file of this machine that cannot be read or written. */
    static Failure of(FileSystemException file) {
        String why = file.getReason();
        if (file instanceof NoSuchFileException) {
            why = "there is no such file or directory";
        } else if (file instanceof AccessDeniedException) {
            why = "permission denied";
        }
        return failed(file.getFile() + " cannot be used: " + (why == null ? file.toString() : why) + ".");
    }

    int exit() {
        return exit;
    }

    String code() {
        return code;
    }

    /** {@code {"error":{code,message,details?}}}. */
    Map<String, Object> frame() {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("code", code);
        error.put("message", getMessage());
        if (details != null) {
            error.put("details", details);
        }
        return Map.of("error", error);
    }
}
