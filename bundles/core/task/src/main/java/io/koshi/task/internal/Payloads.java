package io.koshi.task.internal;

import io.koshi.api.Blobs;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.store.Row;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;

/** Long prompts and results, kept as blobs beside the database. Thread-safe. */
final class Payloads {
    /** Longest prompt, in characters. */
    static final int MAX_PROMPT = 4_000_000;

    /** Longest result, in characters. */
    static final int MAX_RESULT = 6_000_000;

    /** Longest text that stays in the database, in characters. */
    static final int INLINE = 64_000;

    /** Longest text that stays in the task's own row, in characters: the row is written again at each change. */
    private static final int BRIEF = 500;

    private final Blobs blobs;

    Payloads(Blobs blobs) {
        this.blobs = blobs;
    }

    static boolean large(String text) {
        return text.length() > INLINE;
    }

    static boolean brief(String text) {
        return text.length() <= BRIEF;
    }

    static void checkPrompt(String prompt) {
        if (prompt.isBlank()) {
            throw KoshiException.invalid("/prompt", "say what is to be done");
        }
        if (prompt.length() > MAX_PROMPT) {
            throw new KoshiException(
                    ErrorCode.TOO_LARGE,
                    "a prompt has at most " + MAX_PROMPT + " characters; put the rest in a file and name it");
        }
    }

    static void checkResult(String result) {
        if (result.length() > MAX_RESULT) {
            throw new KoshiException(
                    ErrorCode.TOO_LARGE,
                    "a result has at most " + MAX_RESULT + " characters; put the rest in a file and name it");
        }
    }

    /** Stores a text durably; waits for the disk. */
    String put(String text) {
        return put(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    String put(InputStream bytes) {
        try {
            return blobs.put(bytes);
        } catch (IOException e) {
            throw new KoshiException(
                    ErrorCode.SERVICE_UNAVAILABLE, "a long text could not be stored: " + e.getMessage(), e);
        }
    }

    /** A text from its beginning, for one who does not need all of it at once; to be closed. */
    Reader reader(String ref) {
        try {
            return new InputStreamReader(blobs.open(ref), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    String read(String ref) {
        try (InputStream in = blobs.open(ref)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** A piece of a text, by bytes that do not cut a character. */
    String read(String ref, long from, int most) {
        try (InputStream in = blobs.open(ref)) {
            in.skipNBytes(from);
            byte[] bytes = in.readNBytes(most);
            int end = bytes.length;
            if (end == most) {
                while (end > 0 && (bytes[end - 1] & 0xC0) == 0x80) {
                    end--;
                }
                end = end > 0 && (bytes[end - 1] & 0x80) != 0 ? end - 1 : end;
            }
            return new String(bytes, 0, end, StandardCharsets.UTF_8);
        } catch (java.io.EOFException e) {
            return "";
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private static KoshiException unreadable(IOException e) {
        return new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "a long text cannot be read: " + e.getMessage(), e);
    }

    /** The prompt of a row that has the columns of a task and of its body. */
    String prompt(Row row) {
        return row.optional("short_prompt")
                .or(() -> row.optional("prompt"))
                .orElseGet(() -> read(row.text("prompt_ref")));
    }
}
