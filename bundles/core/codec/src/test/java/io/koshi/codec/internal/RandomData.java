package io.koshi.codec.internal;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Makes plain data of every kind, the same for the same seed. Confined to one test. */
final class RandomData {
    private final Random random;

    RandomData(long seed) {
        random = new Random(seed);
    }

    Object value(int depth) {
        return switch (random.nextInt(depth > 0 ? 11 : 9)) {
            case 0 -> null;
            case 1 -> random.nextBoolean();
            case 2 -> whole();
            case 3 -> real();
            case 4 ->
                new BigInteger(64 + random.nextInt(200), random).setBit(64).multiply(sign());
            case 5 -> fraction();
            case 6, 7, 8 -> text();
            case 9 -> list(depth - 1);
            default -> map(depth - 1);
        };
    }

    Map<String, Object> map(int depth) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = random.nextInt(60); i > 0; i -= 1 + random.nextInt(9)) {
            map.put(text(), value(depth));
        }
        return map;
    }

    private List<Object> list(int depth) {
        List<Object> list = new ArrayList<>();
        for (int i = random.nextInt(8); i > 0; i--) {
            list.add(value(depth));
        }
        return list;
    }

    private Long whole() {
        return switch (random.nextInt(4)) {
            case 0 -> (long) random.nextInt(300) - 150;
            case 1 -> random.nextLong() >> random.nextInt(64);
            case 2 -> Long.MIN_VALUE + random.nextInt(2);
            default -> Long.MAX_VALUE - random.nextInt(2);
        };
    }

    private Double real() {
        while (true) {
            double value = random.nextBoolean()
                    ? Double.longBitsToDouble(random.nextLong())
                    : random.nextInt(2000) / 16.0 - 50;
            if (Double.isFinite(value) && value != 0) {
                return value;
            }
        }
    }

    /** More digits than a double holds. */
    private BigDecimal fraction() {
        return new BigDecimal(
                new BigInteger(120, random).setBit(119).setBit(0).multiply(sign()), 1 + random.nextInt(400));
    }

    private BigInteger sign() {
        return random.nextBoolean() ? BigInteger.ONE : BigInteger.ONE.negate();
    }

    String text() {
        StringBuilder text = new StringBuilder();
        int kind = random.nextInt(4);
        for (int i = random.nextInt(40); i > 0; i--) {
            text.appendCodePoint(
                    switch (kind) {
                        case 0, 1 -> ' ' + random.nextInt(95);
                        case 2 -> random.nextInt(0x800);
                        default -> point();
                    });
        }
        return text.toString();
    }

    private int point() {
        int point = random.nextInt(0x110000);
        return point >= 0xD800 && point <= 0xDFFF ? 'x' : point;
    }
}
