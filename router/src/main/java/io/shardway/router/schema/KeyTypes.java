package io.shardway.router.schema;

import io.shardway.router.keyspace.KeyType;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells which columns can be shard keys: those in which MySQL holds values equal only when their
 * bytes are, and stores them as they hash. Stateless.
 */
public final class KeyTypes {

    /** The only text collation of MySQL 8 that compares bytes and does not pad with spaces. */
    private static final String TEXT_COLLATION = "utf8mb4_0900_bin";

    private static final Pattern LENGTH = Pattern.compile("\\(([0-9]+)\\)");

    private KeyTypes() {}

    /**
     * @param type present when the column can be a shard key
     * @param refusal why it cannot; empty when it can
     */
    public record Verdict(Optional<KeyType> type, String refusal) {

        private static Verdict fits(KeyType type) {
            return new Verdict(Optional.of(type), "");
        }

        private static Verdict refused(String why) {
            return new Verdict(Optional.empty(), why);
        }
    }

    public static Verdict of(ColumnSchema column) {
        if (column.nullable()) {
            return Verdict.refused("it may be NULL");
        }
        return switch (column.dataType().toLowerCase(Locale.ROOT)) {
            case "tinyint" -> integer(column, 1);
            case "smallint" -> integer(column, 2);
            case "mediumint" -> integer(column, 3);
            case "int" -> integer(column, 4);
            case "bigint" -> integer(column, 8);
            case "binary" -> Verdict.fits(new KeyType.Binary(length(column), true));
            case "varbinary" -> Verdict.fits(new KeyType.Binary(length(column), false));
            case "varchar" -> text(column);
            case "char" -> Verdict.refused("CHAR drops trailing spaces; use VARCHAR");
            default ->
                    Verdict.refused(
                            "%s cannot be a shard key; use an integer, VARBINARY or VARCHAR"
                                    .formatted(column.dataType()));
        };
    }

    /** The type of a column of whole numbers, whether it can be a shard key or not. */
    public static Optional<KeyType.Integer> integer(ColumnSchema column) {
        boolean unsigned = column.columnType().toLowerCase(Locale.ROOT).contains("unsigned");
        return switch (column.dataType().toLowerCase(Locale.ROOT)) {
            case "tinyint" -> Optional.of(new KeyType.Integer(1, unsigned));
            case "smallint" -> Optional.of(new KeyType.Integer(2, unsigned));
            case "mediumint" -> Optional.of(new KeyType.Integer(3, unsigned));
            case "int" -> Optional.of(new KeyType.Integer(4, unsigned));
            case "bigint" -> Optional.of(new KeyType.Integer(8, unsigned));
            default -> Optional.empty();
        };
    }

    private static Verdict integer(ColumnSchema column, int bytes) {
        String type = column.columnType().toLowerCase(Locale.ROOT);
        if (type.contains("zerofill")) {
            return Verdict.refused("ZEROFILL changes what is hashed");
        }
        return Verdict.fits(new KeyType.Integer(bytes, type.contains("unsigned")));
    }

    private static Verdict text(ColumnSchema column) {
        if (!column.collation().equalsIgnoreCase(TEXT_COLLATION)) {
            return Verdict.refused(
                    "its collation %s holds unequal texts equal; use %s"
                            .formatted(column.collation(), TEXT_COLLATION));
        }
        return Verdict.fits(new KeyType.Text(length(column)));
    }

    /** {@code BINARY} without a length is one byte long. */
    private static int length(ColumnSchema column) {
        Matcher length = LENGTH.matcher(column.columnType());
        return length.find() ? Integer.parseInt(length.group(1)) : 1;
    }
}
