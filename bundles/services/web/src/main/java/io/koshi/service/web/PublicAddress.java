package io.koshi.service.web;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;

/**
 * Tells addresses of the public internet from all others, by the special-purpose registries of IANA (RFC 6890 and later):
 * private, loopback, link-local with the metadata services, carrier-grade NAT, documentation, benchmarks, multicast, and
 * IPv6 that carries an IPv4 address inside.
 */
final class PublicAddress {
    private static final List<Block> NOT_PUBLIC_4 = List.of(
            block(0, 0, 0, 0, 8),
            block(10, 0, 0, 0, 8),
            block(100, 64, 0, 0, 10),
            block(127, 0, 0, 0, 8),
            block(169, 254, 0, 0, 16),
            block(172, 16, 0, 0, 12),
            block(192, 0, 0, 0, 24),
            block(192, 0, 2, 0, 24),
            block(192, 31, 196, 0, 24),
            block(192, 52, 193, 0, 24),
            block(192, 88, 99, 0, 24),
            block(192, 168, 0, 0, 16),
            block(192, 175, 48, 0, 24),
            block(198, 18, 0, 0, 15),
            block(198, 51, 100, 0, 24),
            block(203, 0, 113, 0, 24),
            block(224, 0, 0, 0, 3));

    /** Of IPv6 only 2000::/3 is given out, and of that not these. */
    private static final List<Block> NOT_PUBLIC_6 = List.of(
            block6(0x2001, 0x0000, 23), // Teredo, benchmarks, ORCHID and other protocols
            block6(0x2001, 0x0db8, 32),
            block6(0x2002, 0x0000, 16), // 6to4
            block6(0x3fff, 0x0000, 20));

    private static final Block GIVEN_OUT = block6(0x2000, 0, 3);

    private record Block(int first, int bits) {
        boolean has(int front) {
            return (front ^ first) >>> (32 - bits) == 0;
        }
    }

    private PublicAddress() {}

    private static Block block(int a, int b, int c, int d, int bits) {
        return new Block(a << 24 | b << 16 | c << 8 | d, bits);
    }

    private static Block block6(int first, int second, int bits) {
        return new Block(first << 16 | second, bits);
    }

    static boolean is(InetAddress address) {
        byte[] bytes = address.getAddress();
        int front = (bytes[0] & 0xFF) << 24 | (bytes[1] & 0xFF) << 16 | (bytes[2] & 0xFF) << 8 | bytes[3] & 0xFF;
        if (address instanceof Inet4Address) { // Java reads ::ffff:a.b.c.d as one, too
            return NOT_PUBLIC_4.stream().noneMatch(block -> block.has(front));
        }
        return address instanceof Inet6Address
                && GIVEN_OUT.has(front)
                && NOT_PUBLIC_6.stream().noneMatch(block -> block.has(front));
    }
}
