package io.shardway.proxy.definition;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.router.sql.QuotedName;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What tables are like on a node, in a few letters: equal for equal tables, whatever rows they have
 * and whatever ids they draw next. Stateless; blocks.
 */
final class Fingerprints {

    private static final int NO_SUCH_TABLE = 1146;
    private static final int LETTERS = 24;

    /** The counter differs from shard to shard; a default or a comment never stands there. */
    private static final Pattern COUNTER =
            Pattern.compile("(?m)^(\\) ENGINE=\\w+) AUTO_INCREMENT=\\d+");

    private Fingerprints() {}

    /** Of tables that are all missing. */
    static String ofNothing(List<String> tables) {
        var text = new StringBuilder();
        tables.forEach(_ -> text.append("absent\n"));
        return digest(text.toString());
    }

    static String read(Connection connection, String keyspace, List<String> tables)
            throws SQLException {
        var text = new StringBuilder();
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String table : tables) {
                text.append(one(statement, keyspace, table)).append('\n');
            }
        }
        return digest(text.toString());
    }

    private static String one(Statement statement, String keyspace, String table)
            throws SQLException {
        String sql = "SHOW CREATE TABLE " + QuotedName.of(keyspace, table);
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return COUNTER.matcher(row.getString(2)).replaceAll("$1");
        } catch (SQLException refused) {
            if (refused.getErrorCode() == NO_SUCH_TABLE) {
                return "absent";
            }
            throw refused;
        }
    }

    private static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
            return HexFormat.of().formatHex(hash).substring(0, LETTERS);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
