package io.shardway.proxy.query;

import io.shardway.router.ErrorCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an admin statement answers. Immutable. */
public sealed interface AdminAnswer {

    /**
     * A result set; all columns are text.
     *
     * @param rows each as long as {@code columns}; null is SQL's NULL
     */
    record Table(List<String> columns, List<List<@Nullable String>> rows) implements AdminAnswer {
        public Table {
            columns = List.copyOf(columns);
            rows = List.copyOf(rows);
            for (List<@Nullable String> row : rows) {
                if (row.size() != columns.size()) {
                    throw new IllegalArgumentException(
                            "a row of %d values for %d columns"
                                    .formatted(row.size(), columns.size()));
                }
            }
        }
    }

    /** An OK packet with this message. */
    record Done(String message) implements AdminAnswer {}

    /** An ERR packet made from the code. */
    record Refused(ErrorCode code, String detail) implements AdminAnswer {}
}
