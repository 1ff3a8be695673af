package io.shardway.proxy.execution;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.session.Diagnostics;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.function.Consumer;

/** Reads the answer of SHOW WARNINGS. */
final class DiagnosticsReader {

    private DiagnosticsReader() {}

    /**
     * Makes the warnings of what just ran on a connection the session's.
     *
     * @param then hears whether they are known; without warnings nothing is asked
     */
    static void ask(
            StatementRunner runner,
            BackendConnection connection,
            int warnings,
            Consumer<Boolean> then) {
        if (warnings == 0) {
            runner.session().diagnosticsAre(Diagnostics.NONE);
            then.accept(true);
            return;
        }
        connection.query(
                "SHOW WARNINGS",
                answer -> {
                    boolean known = answer instanceof CollectedAnswer.Rows;
                    if (answer instanceof CollectedAnswer.Rows rows) {
                        runner.session().diagnosticsAre(read(rows, runner.diagnosticsBytesMax()));
                    }
                    then.accept(known);
                });
    }

    static Diagnostics read(CollectedAnswer.Rows rows, int bytesMax) {
        var conditions = new ArrayList<Diagnostics.Condition>();
        int bytes = 0;
        for (int row = 0; row < rows.rowCount(); row++) {
            String message = text(rows, row, 2);
            bytes += message.length();
            if (bytes > bytesMax) {
                break;
            }
            conditions.add(
                    new Diagnostics.Condition(
                            text(rows, row, 0), Integer.parseInt(text(rows, row, 1)), message));
        }
        return new Diagnostics(conditions);
    }

    private static String text(CollectedAnswer.Rows rows, int row, int column) {
        byte[] cell = rows.cell(row, column);
        return cell == null ? "" : new String(cell, StandardCharsets.UTF_8);
    }
}
