package io.shardway.cluster;

/** Values as they stand in SQL, for statements that take no parameters. Stateless. */
final class SqlText {

    private SqlText() {}

    static String quoted(String value) {
        if (value.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("no line break allowed");
        }
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    static String identifier(String name) {
        return "`" + name.replace("`", "``") + "`";
    }
}
