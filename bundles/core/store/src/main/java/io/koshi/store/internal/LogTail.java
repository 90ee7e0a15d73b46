package io.koshi.store.internal;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Finds commits in the write-ahead log that SQLite would pass over because of damage before them.
 *
 * <p>After a crash SQLite takes the log up to the first frame whose checksum is wrong and drops what follows, which is
 * right for a commit that was never synced: nobody was told of it. But each commit here is synced before the next
 * begins, so two whole commits behind a bad frame were acknowledged. A frame's checksum goes on from the one stored in
 * the frame before it (sqlite.org/fileformat2.html, 4.1 and 4.2), so they can be known without it. What is left of a
 * commit that failed, or of an earlier use of the log, is one commit at most or has other salts. Confined to the thread
 * that opens the database.
 */
final class LogTail {
    private static final int HEADER = 32;
    private static final int FRAME_HEADER = 24;
    private static final int SALTS_AT = 8;
    private static final int CHECKSUM_AT = 16;
    private static final int MAGIC = 0x377f0682;

    /** Behind so many frames that do not fit lies nothing but an earlier use of the log. */
    private static final int LOOKED_AHEAD = 256;

    private final DataInputStream log;
    private final long frames;
    private final byte[] bytes = new byte[FRAME_HEADER + Database.PAGE];
    private final ByteBuffer frame = ByteBuffer.wrap(bytes);
    private ByteOrder order = ByteOrder.LITTLE_ENDIAN;
    private boolean headerGood;
    private long salts;
    private long checksum;
    private long good;

    private LogTail(DataInputStream log, long length) {
        this.log = log;
        this.frames = (length - HEADER) / bytes.length;
    }

    /**
     * @param length bytes of the log up to the damage
     * @param commits whole commits behind it, at least
     */
    record Lost(long length, long commits) {}

    /** What would be passed over, null when nothing would; to be asked before SQLite opens the database. */
    static Lost in(Path wal) throws IOException {
        long length = Database.length(wal);
        if (length < HEADER) {
            return null;
        }
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(wal), 64 * (1 << 10)))) {
            LogTail tail = new LogTail(in, length);
            tail.readHeader();
            return tail.look();
        }
    }

    private Lost look() throws IOException {
        boolean follows = headerGood;
        boolean whole = headerGood;
        int passed = 0;
        long run = 0;
        long lost = 0;
        for (long i = 0; i < frames && passed < LOOKED_AHEAD; i++) {
            log.readFully(bytes);
            boolean ours = hasOurSalts();
            boolean fits = ours && follows && checksum() == frame.getLong(CHECKSUM_AT);
            whole &= fits;
            if (whole) {
                good = i + 1;
            } else if (!fits) {
                run = 0;
                passed++;
            } else if (frame.getInt(Integer.BYTES) != 0) { // the size of the database ends a commit
                run++;
                lost = Math.max(lost, run);
            }
            follows = ours;
            checksum = frame.getLong(CHECKSUM_AT);
        }
        return lost < 2 ? null : new Lost(headerGood ? HEADER + good * bytes.length : 0, lost);
    }

    private void readHeader() throws IOException {
        ByteBuffer header = ByteBuffer.wrap(log.readNBytes(HEADER));
        order = (header.getInt(0) & 1) == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        checksum = header.getLong(FRAME_HEADER);
        salts = header.getLong(CHECKSUM_AT);
        if ((header.getInt(0) & ~1) != MAGIC) {
            order = ByteOrder.nativeOrder();
        }
        headerGood = (header.getInt(0) & ~1) == MAGIC && sum(0, header.array(), 0, FRAME_HEADER) == checksum;
    }

    /** Whether the frame is of this use of the log; only frames can tell where the header is damaged. */
    private boolean hasOurSalts() {
        long its = frame.getLong(SALTS_AT);
        if (!headerGood && its != 0) {
            salts = its;
        }
        return its == salts;
    }

    private long checksum() {
        return sum(sum(checksum, bytes, 0, Long.BYTES), bytes, FRAME_HEADER, Database.PAGE);
    }

    private long sum(long seed, byte[] of, int from, int length) {
        int first = (int) (seed >>> Integer.SIZE);
        int second = (int) seed;
        ByteBuffer words = ByteBuffer.wrap(of).order(order);
        for (int i = from; i < from + length; i += Long.BYTES) {
            first += words.getInt(i) + second;
            second += words.getInt(i + Integer.BYTES) + first;
        }
        return (long) first << Integer.SIZE | second & 0xFFFFFFFFL;
    }
}
