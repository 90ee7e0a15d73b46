package io.koshi.api;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes and checks the keyed signatures (HMAC, RFC 2104) that platforms put on what they post; compares
 * in constant time. Thread-safe.
 */
public final class Signature {
    /** Keyed once and never used itself: a copy of it costs far less than a new one. */
    private final Mac keyed;

    private Signature(String algorithm, String secret) {
        if (secret.isEmpty()) {
            throw new IllegalArgumentException("a signature needs a secret");
        }
        try {
            keyed = Mac.getInstance(algorithm);
            keyed.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), algorithm));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + algorithm, e);
        }
    }

    /** @param secret at least one character, used as UTF-8 */
    public static Signature hmacSha256(String secret) {
        return new Signature("HmacSHA256", secret);
    }

    /** For platforms that know nothing better. */
    public static Signature hmacSha1(String secret) {
        return new Signature("HmacSHA1", secret);
    }

    /** The signature of these bytes, one after the other, in lower-case hex. */
    public String of(byte[]... bytes) {
        return HexFormat.of().formatHex(sign(bytes));
    }

    /**
     * Whether a header carries the signature of these bytes.
     *
     * @param header the header's value, null where there is none: false then
     * @param prefix what stands before the hex digits of either case, for example {@code sha256=}
     */
    public boolean verifies(String header, String prefix, byte[]... bytes) {
        if (header == null) {
            return false;
        }
        String value = header.strip();
        if (!value.regionMatches(true, 0, prefix, 0, prefix.length())) {
            return false;
        }
        byte[] given = fromHex(value, prefix.length());
        return given.length == keyed.getMacLength() && MessageDigest.isEqual(sign(bytes), given);
    }

    /** Whether two secrets are the same, without telling by the time it takes how far they agree. */
    public static boolean same(String secret, String given) {
        return MessageDigest.isEqual(secret.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }

    private byte[] sign(byte[]... bytes) {
        try {
            Mac mac = (Mac) keyed.clone();
            for (byte[] part : bytes) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the HMAC of every JDK can be copied", e);
        }
    }

    /** Empty when it is no hex. */
    private static byte[] fromHex(String text, int from) {
        int digits = text.length() - from;
        byte[] bytes = new byte[digits / 2];
        for (int i = 0; i < bytes.length; i++) {
            int high = Character.digit(text.charAt(from + 2 * i), 16);
            int low = Character.digit(text.charAt(from + 2 * i + 1), 16);
            if (high < 0 || low < 0) {
                return new byte[0];
            }
            bytes[i] = (byte) (high << 4 | low);
        }
        return digits % 2 == 0 ? bytes : new byte[0];
    }
}
