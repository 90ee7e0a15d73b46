package io.koshi.codec.internal;

import java.math.BigDecimal;

/** Which Java number holds a decimal number: a double where its text comes back, else a BigDecimal. */
final class Numbers {
    /** A double always gives 15 digits back; with sign and point that is 17 characters. */
    private static final int SURE = 16;

    /** Largest exponent; past it a short text would stand for a number nobody can compute with. */
    private static final int MAX_SCALE = 10_000;

    private Numbers() {}

    /** @throws NumberFormatException when the exponent is out of range */
    static Object fromText(String text) {
        if (text.length() <= SURE && text.indexOf('e') < 0 && text.indexOf('E') < 0) {
            return Double.parseDouble(text);
        }
        return of(new BigDecimal(text));
    }

    /** @throws NumberFormatException when the exponent is out of range */
    static Object of(BigDecimal exact) {
        if (exact.signum() == 0) {
            return 0.0;
        }
        if (Math.abs((long) exact.scale()) > MAX_SCALE) {
            throw new NumberFormatException("exponent out of range");
        }
        double near = exact.doubleValue();
        boolean held = Double.isFinite(near) && new BigDecimal(Double.toString(near)).compareTo(exact) == 0;
        return held ? (Object) near : exact;
    }
}
