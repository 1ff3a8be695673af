package io.shardway.proxy.execution;

import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.session.Diagnostics;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;

/** Reads the answer of SHOW WARNINGS. */
final class DiagnosticsReader {

    private DiagnosticsReader() {}

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
