package io.koshi.service.files;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Text out of bytes, and what is shown of it. */
final class Words {
    /** The most characters a model is shown of a file. */
    static final int SHOWN = 20_000;

    private static final int HEAD = SHOWN * 7 / 10;
    private static final int TAIL = SHOWN * 2 / 10;
    private static final int LOOKED_AT = 8192;

    private Words() {}

    static boolean isBinary(byte[] bytes) {
        for (int i = 0; i < Math.min(bytes.length, LOOKED_AT); i++) {
            if (bytes[i] == 0) {
                return true;
            }
        }
        return false;
    }

    /** @throws KoshiException INVALID_PARAMS when it is binary or no UTF-8 */
    static String text(byte[] bytes, String shown) {
        if (isBinary(bytes)) {
            throw new KoshiException(
                    ErrorCode.INVALID_PARAMS, "'" + shown + "' is a binary file of " + bytes.length + " bytes");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new KoshiException(
                    ErrorCode.INVALID_PARAMS, "'" + shown + "' is no UTF-8 text (" + bytes.length + " bytes)", e);
        }
    }

    /** Head and tail of what is too long, with what is missing said in between. */
    static String cut(String text) {
        if (text.length() <= SHOWN) {
            return text;
        }
        int head = edge(text, HEAD);
        int tail = edge(text, text.length() - TAIL);
        long line = text.chars().limit(head).filter(c -> c == '\n').count() + 1;
        return text.substring(0, head) + "\n[… " + (tail - head) + " characters are left out here; read on with from: "
                + line + " …]\n" + text.substring(tail);
    }

    /** Not between the halves of a character. */
    private static int edge(String text, int at) {
        return Character.isLowSurrogate(text.charAt(at)) ? at - 1 : at;
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has SHA-256
        }
    }
}
