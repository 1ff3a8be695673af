package io.shardway.router.sql;

/** Names as they stand in SQL: between backquotes, whatever they contain. Stateless. */
public final class QuotedName {

    private QuotedName() {}

    public static String of(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    /** Of a table in its schema, say. */
    public static String of(String owner, String name) {
        return of(owner) + "." + of(name);
    }
}
