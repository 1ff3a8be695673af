package io.shardway.proxy.execution;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;

/**
 * The records of a file that is still coming, behind the lines that are left out. Confined to its
 * event loop.
 */
final class FileRecords {

    /** Larger pieces of a record are not read again each time that more of it has come. */
    private static final int SMALL_BYTES = 64 << 10;

    private final UploadedFile file;
    private final RecordCutter cutter;
    private final int recordBytesMax;
    private long linesToSkip;
    private int triedWith;
    private int taken;

    FileRecords(UploadedFile file, RecordCutter cutter, long linesToSkip, int recordBytesMax) {
        this.file = file;
        this.cutter = cutter;
        this.linesToSkip = linesToSkip;
        this.recordBytesMax = recordBytesMax;
    }

    /** What was cut last. */
    RecordCutter cutter() {
        return cutter;
    }

    /** How many were taken. */
    int taken() {
        return taken;
    }

    /**
     * Where the next record ends, {@link RecordCutter#MORE} or {@link RecordCutter#END}; the same
     * again until it is taken.
     *
     * @throws ShardwayException it is too long, or cannot be cut
     */
    int next() {
        boolean worthwhile = file.size() >= Math.min(triedWith, recordBytesMax) || file.isEnded();
        int to = RecordCutter.MORE;
        while (worthwhile && linesToSkip > 0) {
            to = cutter.skipLine(file.bytes(), file.from(), file.to(), file.isEnded());
            if (to < 0) {
                break;
            }
            linesToSkip--;
            file.takeUpTo(to);
        }
        if (worthwhile && linesToSkip == 0) {
            to = cutter.cut(file.bytes(), file.from(), file.to(), file.isEnded());
        }
        if (to == RecordCutter.MORE) {
            requireBounded();
            if (worthwhile) {
                triedWith = file.size() > SMALL_BYTES ? 2 * file.size() : 0;
            }
        }
        return to;
    }

    private void requireBounded() {
        if (file.size() > recordBytesMax) {
            throw new ShardwayException(
                    ErrorCode.FILE_RECORD_TOO_LONG,
                    "record %d has more than %d bytes".formatted(taken + 1L, recordBytesMax));
        }
    }

    void take(int to) {
        if (taken == Integer.MAX_VALUE) {
            throw new ShardwayException(
                    ErrorCode.NOT_OFFERED, "LOAD DATA of more than 2^31 - 1 records");
        }
        taken++;
        triedWith = 0;
        file.takeUpTo(to);
    }
}
