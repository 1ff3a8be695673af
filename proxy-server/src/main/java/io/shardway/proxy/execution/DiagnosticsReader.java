package io.shardway.proxy.execution;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.proxy.protocol.Collations;
import io.shardway.proxy.session.Diagnostics;
import java.nio.charset.Charset;
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
                        runner.session()
                                .diagnosticsAre(
                                        read(
                                                rows,
                                                runner.session().profile(),
                                                runner.diagnosticsBytesMax()));
                    }
                    then.accept(known);
                });
    }

    /** The rows are in the session's character_set_results. */
    static Diagnostics read(CollectedAnswer.Rows rows, SettingsProfile profile, int bytesMax) {
        Charset charset =
                profile.literal("character_set_results")
                        .filter(name -> !name.equals("NULL"))
                        .map(name -> Collations.javaCharset(name.replace("'", "")))
                        .orElse(StandardCharsets.UTF_8);
        var conditions = new ArrayList<Diagnostics.Condition>();
        int bytes = 0;
        for (int row = 0; row < rows.rowCount(); row++) {
            String message = text(rows, row, 2, charset);
            bytes += message.length();
            if (bytes > bytesMax) {
                break;
            }
            conditions.add(
                    new Diagnostics.Condition(
                            text(rows, row, 0, charset),
                            Integer.parseInt(text(rows, row, 1, charset)),
                            message));
        }
        return new Diagnostics(conditions, rows.rowCount());
    }

    private static String text(CollectedAnswer.Rows rows, int row, int column, Charset charset) {
        byte[] cell = rows.cell(row, column);
        return cell == null ? "" : new String(cell, charset);
    }
}
