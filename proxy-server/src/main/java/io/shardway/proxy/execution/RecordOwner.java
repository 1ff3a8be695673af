package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.Bucket;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.FileKeys;
import io.shardway.router.plan.FileLoad;
import io.shardway.router.plan.TransactionMode;
import io.shardway.router.topology.Topology;
import java.math.BigInteger;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Tells whose a record of a file is, draws the id that it leaves out, and writes the record with
 * it. Confined to its event loop.
 */
final class RecordOwner {

    private static final int DIGITS_MAX = 18;

    private final StatementRunner runner;
    private final FileLoad file;
    private final FileFormat format;
    private final FileKeys.Encoding keys;
    private final Optional<LoadIds> ids;
    private final boolean zeroDraws;
    private final Topology topology;
    private OptionalLong drawn = OptionalLong.empty();
    private long drawnFor;

    /**
     * @param ids empty if the proxy cannot draw for the table
     */
    RecordOwner(
            StatementRunner runner,
            LoadStatement statement,
            FileKeys.Encoding keys,
            Optional<LoadIds> ids) {
        this.runner = runner;
        this.file = statement.file();
        this.format = statement.format();
        this.keys = keys;
        this.ids = ids;
        this.zeroDraws = SeveralKeys.zeroDraws(runner);
        this.topology = runner.loop().serving().topology();
    }

    /** What a record says of its AUTO_INCREMENT column. */
    private enum Says {
        /** The table has none. */
        NOTHING,
        DRAW,
        GIVEN,
        /** Only MySQL knows. */
        UNCLEAR
    }

    /**
     * @param cut has just cut the record
     * @param number of the record, counted from 1
     * @return empty if an id must be waited for
     * @throws ShardwayException its key is not exact, or only MySQL can draw its id
     */
    Optional<ShardId> of(RecordCutter cut, long number) {
        drawn = OptionalLong.empty();
        Says says = file.id().map(id -> says(id, cut)).orElse(Says.NOTHING);
        boolean drawsKey = says == Says.DRAW && file.drawsKeys();
        int bucket = drawsKey ? 0 : bucketOf(cut.key(), number);
        if (!hasId(says, cut, number)) {
            return Optional.empty();
        }
        if (drawsKey) {
            bucket = Bucket.numberOf(drawn.orElseThrow());
        }
        return Optional.of(topology.bucketMap().ownerOf(bucket));
    }

    private int bucketOf(RecordCutter.Field key, long number) {
        switch (key.content()) {
            case MISSING -> throw refused(number, "it has no field for the key");
            case NULL -> throw refused(number, "the key is NULL");
            case TEXT -> {}
        }
        try {
            return FileKeys.bucketOf(file.keyType(), key.bytes(), key.from(), key.to(), keys);
        } catch (ShardwayException inexact) {
            throw refused(number, inexact.detail());
        }
    }

    private static ShardwayException refused(long number, String why) {
        return new ShardwayException(
                ErrorCode.KEY_NOT_EXACT, "record %d: %s".formatted(number, why));
    }

    /** Draws, or sees to it that what is given is not drawn; false if that takes time. */
    private boolean hasId(Says says, RecordCutter cut, long number) {
        return switch (says) {
            case NOTHING -> true;
            case DRAW -> {
                boolean read = file.id().orElseThrow().read();
                if (ids.isEmpty() || read || !format.takesNumbers()) {
                    throw onlyMySql(number);
                }
                if (drawnFor != number) {
                    requireOwner(number);
                    drawnFor = number;
                }
                drawn = ids.get().next();
                yield drawn.isPresent();
            }
            case GIVEN -> ids.isEmpty() || ids.get().mayBeGiven(number(field(cut)));
            case UNCLEAR -> throw onlyMySql(number);
        };
    }

    private RecordCutter.Field field(RecordCutter cut) {
        return file.drawsKeys() ? cut.key() : cut.id();
    }

    private ShardwayException onlyMySql(long number) {
        return new ShardwayException(
                ErrorCode.SEVERAL_DRAWN_KEYS,
                "record %d: give column %s as a plain number in the file"
                        .formatted(number, file.id().orElseThrow().column()));
    }

    /** Which shard owns a key that is drawn is chance: whether it works must not hang on that. */
    private void requireOwner(long number) {
        boolean single =
                file.drawsKeys()
                        && topology.shards().size() > 1
                        && runner.transactionMode() == TransactionMode.SINGLE;
        if (single && (number > 1 || !runner.session().transaction().writtenShards().isEmpty())) {
            throw SeveralKeys.ownersDiffer();
        }
    }

    private Says says(FileLoad.Id id, RecordCutter cut) {
        if (id.leftOut()) {
            return Says.DRAW;
        }
        RecordCutter.Field field = field(cut);
        switch (field.content()) {
            case MISSING -> {
                return Says.UNCLEAR;
            }
            case NULL -> {
                return Says.DRAW;
            }
            case TEXT -> {}
        }
        int from = field.from();
        boolean negative = from < field.to() && field.bytes()[from] == '-';
        int digits = negative ? from + 1 : from;
        boolean plain = digits < field.to();
        boolean zero = true;
        for (int at = digits; plain && at < field.to(); at++) {
            byte digit = field.bytes()[at];
            plain = digit >= '0' && digit <= '9';
            zero &= digit == '0';
        }
        if (!plain || (negative && zero)) {
            return Says.UNCLEAR;
        }
        return zero && zeroDraws ? Says.DRAW : Says.GIVEN;
    }

    /** The greatest number for all that is greater. */
    private static long number(RecordCutter.Field field) {
        String digits =
                new String(field.bytes(), field.from(), field.to() - field.from(), US_ASCII);
        if (digits.length() <= DIGITS_MAX) {
            return Long.parseLong(digits);
        }
        var number = new BigInteger(digits);
        return number.bitLength() < Long.SIZE ? number.longValue() : Long.MAX_VALUE;
    }

    /**
     * Writes the record that was asked for last.
     *
     * @param row of the file, counted from 0
     */
    void write(LoadPart part, RecordCutter cut, byte[] bytes, int from, int to, int row) {
        part.begin(row);
        if (drawn.isEmpty()) {
            part.append(bytes, from, to);
            return;
        }
        byte[] id = Long.toString(drawn.getAsLong()).getBytes(US_ASCII);
        if (file.id().orElseThrow().leftOut()) {
            part.append(bytes, from, cut.begins());
            part.append(id, 0, id.length);
            part.append(format.fieldEnd(), 0, format.fieldEnd().length);
            part.append(bytes, cut.begins(), to);
        } else {
            RecordCutter.Field field = field(cut);
            part.append(bytes, from, field.begins());
            part.append(id, 0, id.length);
            part.append(bytes, field.ends(), to);
        }
        ids.orElseThrow().use();
    }
}
