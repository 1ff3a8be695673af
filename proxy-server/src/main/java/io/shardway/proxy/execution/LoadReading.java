package io.shardway.proxy.execution;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.plan.FileLoad;
import java.util.List;
import java.util.Optional;

/**
 * How the records of one file are read. Confined to its event loop.
 *
 * @param owner tells whose they are
 * @param ids draws for those that leave an id out; empty if the proxy cannot
 */
record LoadReading(FileRecords records, RecordOwner owner, Optional<LoadIds> ids) {

    /**
     * @param seen what the statement leaves to the server
     * @throws ShardwayException KEY_NOT_EXACT
     */
    static LoadReading of(
            StatementRunner runner,
            ProxyServices services,
            LoadStatement statement,
            LoadLook.Seen seen,
            UploadedFile file,
            LoadIds.Listener listener) {
        FileLoad load = statement.file();
        int keyAt = position(seen.fields(), load.keyColumn());
        int idAt = load.id().map(id -> position(seen.fields(), id.column())).orElse(-1);
        boolean leftOut = load.id().filter(FileLoad.Id::leftOut).isPresent();
        boolean missesKey = keyAt < 0 && !(leftOut && load.drawsKeys());
        boolean missesId = idAt < 0 && !leftOut && load.id().isPresent();
        if (missesKey || missesId) {
            throw new ShardwayException(
                    ErrorCode.KEY_NOT_EXACT,
                    "list the columns of the file, with column " + load.keyColumn());
        }
        Optional<LoadIds> ids =
                load.id()
                        .flatMap(FileLoad.Id::drawn)
                        .map(column ->
                                new LoadIds(runner, services, column, load.drawsKeys(), listener));
        FileFormat format = statement.format();
        var cutter = new RecordCutter(format, seen.charset(), seen.fields().size(), keyAt, idAt);
        var records =
                new FileRecords(
                        file,
                        cutter,
                        format.ignoredLines(),
                        services.settings().load().recordBytesMax());
        return new LoadReading(
                records, new RecordOwner(runner, statement, seen.charset().keys(), ids), ids);
    }

    private static int position(List<String> fields, String column) {
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i).equalsIgnoreCase(column)) {
                return i;
            }
        }
        return -1;
    }
}
