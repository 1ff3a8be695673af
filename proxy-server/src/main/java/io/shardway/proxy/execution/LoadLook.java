package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.FileLoad;
import io.shardway.router.plan.Traits;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Asks the default shard, before the client is asked for its file, how MySQL would read it: the
 * character set, and the columns of a table whose columns are not listed. Confined to its event
 * loop.
 */
final class LoadLook {

    /** With a LIMIT of its own: the client may have set sql_select_limit. */
    private static final String VARIABLES =
            "SELECT @@character_set_database, @@GLOBAL.local_infile LIMIT 1";

    private static final String COLUMNS =
            "SELECT COLUMN_NAME, EXTRA FROM information_schema.COLUMNS WHERE TABLE_SCHEMA ="
                    + " CONVERT(X'%s' USING utf8mb4) AND TABLE_NAME = CONVERT(X'%s' USING utf8mb4)"
                    + " ORDER BY ORDINAL_POSITION LIMIT 10000";

    private final StatementRunner runner;
    private final FileLoad file;
    private final Consumer<Seen> seen;
    private final Consumer<ErrPacket> failed;
    private final ShardId shard;
    private Optional<Borrow> borrow = Optional.empty();
    private String charsetName = "";

    /**
     * What the look shows. Immutable.
     *
     * @param fields as {@link FileLoad#fields()}, listed
     */
    record Seen(String charsetName, FileCharset charset, List<String> fields) {
        Seen {
            fields = List.copyOf(fields);
        }
    }

    LoadLook(
            StatementRunner runner,
            FileLoad file,
            Consumer<Seen> seen,
            Consumer<ErrPacket> failed) {
        this.runner = runner;
        this.file = file;
        this.seen = seen;
        this.failed = failed;
        this.shard = runner.defaultShard();
    }

    void start() {
        borrow =
                Optional.of(
                        Borrow.borrow(
                                runner,
                                shard,
                                Borrow.Want.serving(Traits.NONE, NoCommand.INSTANCE),
                                new Borrow.Result() {
                                    @Override
                                    public void borrowed(BackendConnection connection) {
                                        readVariables(connection);
                                    }

                                    @Override
                                    public void notBorrowed(ErrPacket reason) {
                                        failed.accept(reason);
                                    }
                                }));
    }

    /** Nobody waits any more; false if it goes on to its end. */
    boolean forget() {
        return borrow.map(Borrow::forget).orElse(false);
    }

    private void readVariables(BackendConnection connection) {
        ask(
                connection,
                VARIABLES,
                rows -> {
                    if (!"1".equals(text(rows, 0, 1))) {
                        over(connection, ErrorCode.LOCAL_FILES_OFF, "shard " + shard);
                        return;
                    }
                    charsetName = file.charset().orElse(text(rows, 0, 0));
                    if (file.fields().isPresent()) {
                        done(connection, file.fields().get());
                    } else {
                        readColumns(connection);
                    }
                });
    }

    private void readColumns(BackendConnection connection) {
        var hex = HexFormat.of();
        ask(
                connection,
                COLUMNS.formatted(
                        hex.formatHex(file.keyspace().getBytes(UTF_8)),
                        hex.formatHex(file.table().getBytes(UTF_8))),
                rows -> {
                    var names = new ArrayList<String>();
                    boolean generated = false;
                    for (int row = 0; row < rows.rowCount(); row++) {
                        String extra = text(rows, row, 1);
                        generated |=
                                extra.contains("VIRTUAL GENERATED")
                                        || extra.contains("STORED GENERATED");
                        if (!extra.contains("INVISIBLE")) {
                            names.add(text(rows, row, 0));
                        }
                    }
                    if (generated) {
                        over(
                                connection,
                                ErrorCode.NOT_OFFERED,
                                "LOAD DATA without a list of columns into a table with generated"
                                        + " ones");
                    } else {
                        done(connection, names);
                    }
                });
    }

    private void done(BackendConnection connection, List<String> fields) {
        Optional<FileCharset> charset = FileCharset.of(charsetName);
        if (charset.isEmpty()) {
            over(
                    connection,
                    ErrorCode.NOT_OFFERED,
                    "LOAD DATA of a file in " + charsetName + "; use utf8mb4");
            return;
        }
        Borrow.giveBack(runner, shard, connection);
        seen.accept(new Seen(charsetName, charset.get(), fields));
    }

    private void over(BackendConnection connection, ErrorCode code, String detail) {
        Borrow.giveBack(runner, shard, connection);
        runner.count(code);
        failed.accept(ErrPacket.of(code, detail));
    }

    private void ask(
            BackendConnection connection, String sql, Consumer<CollectedAnswer.Rows> rows) {
        connection.query(
                sql,
                answer -> {
                    if (answer instanceof CollectedAnswer.Rows found) {
                        connection.statusIs(found.status());
                        rows.accept(found);
                        return;
                    }
                    Borrow.giveBack(runner, shard, connection);
                    failed.accept(Borrow.errorOf(answer, ErrorCode.BACKEND_LOST, "shard " + shard));
                });
    }

    private static String text(CollectedAnswer.Rows rows, int row, int column) {
        byte[] cell = rows.cell(row, column);
        if (cell == null) {
            throw new ShardwayException(ErrorCode.BUG, "NULL where a name was asked for");
        }
        return new String(cell, UTF_8);
    }
}
