package io.shardway.router.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Random SELECTs over the tables of {@link SplitRows}: joins of all kinds, derived tables,
 * subqueries, WITH, set operations, trees of AND, OR, XOR and NOT. Their answers hang on the rows
 * only, not on the order in which MySQL finds them. Confined to one thread.
 */
final class RandomSelects {

    private static final int NESTING_MAX = 2;

    /** A table of a FROM list, and the column that is or looks like its key. */
    private record Source(String alias, String keyColumn) {

        String key() {
            return alias + "." + keyColumn;
        }
    }

    private final Random random;
    private int aliases;
    private int nesting;

    RandomSelects(Random random) {
        this.random = random;
    }

    String next() {
        aliases = 0;
        nesting = 0;
        return switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> block("COUNT(*), SUM(@.x), MIN(@.y), MAX(@.name)", List.of());
            case 4 -> block("COUNT(*), (" + block("COUNT(*)", List.of()) + ")", List.of());
            case 5 -> block("@.x, COUNT(*)", List.of()) + " GROUP BY 1 HAVING COUNT(*) > 1";
            case 6 -> block("DISTINCT @.name, @.x", List.of());
            case 7, 8 -> block("@.x, @.y, @.name", List.of()) + " ORDER BY 1, 2 DESC, 3 LIMIT 3";
            case 9, 10 ->
                    block("@.x, @.name", List.of())
                            + pick(" UNION ", " UNION ALL ", " EXCEPT ", " INTERSECT ")
                            + block("@.x, @.name", List.of());
            default ->
                    "WITH c AS ("
                            + block("@.x, @.name, @.#", List.of())
                            + ") SELECT * FROM c, orders o WHERE "
                            + pick(
                                    "o.user_id = 42",
                                    "o.user_id = c.user_id",
                                    "user_id = 42",
                                    "c.user_id = 42 AND o.user_id = 42");
        };
    }

    /** In the select list stands @ for the first table and # for its key. */
    private String block(String selectList, List<Source> outer) {
        nesting++;
        var sources = new ArrayList<Source>();
        String from = from(sources);
        var scope = new ArrayList<>(sources);
        scope.addAll(outer);
        String where = random.nextInt(3) > 0 ? pinned(sources, outer, scope) : tree(scope, 3);
        nesting--;
        Source first = sources.getFirst();
        return "SELECT "
                + selectList.replace("@", first.alias()).replace("#", first.keyColumn())
                + " FROM "
                + from
                + (where.isEmpty() ? "" : " WHERE " + where);
    }

    private String from(List<Source> sources) {
        var text = new StringBuilder(reference(sources));
        for (int more = random.nextInt(3); more > 0; more--) {
            Source left = any(sources);
            String join =
                    pick(
                            " JOIN ",
                            " JOIN ",
                            " LEFT JOIN ",
                            " RIGHT JOIN ",
                            " STRAIGHT_JOIN ",
                            ", ");
            text.append(join).append(reference(sources));
            if (!join.equals(", ")) {
                text.append(joinCondition(left, sources));
            }
        }
        return text.toString();
    }

    private String joinCondition(Source left, List<Source> sources) {
        String equality = left.key() + " = " + sources.getLast().key();
        return switch (random.nextInt(10)) {
            case 0 -> " USING (" + left.keyColumn() + ")";
            case 1, 2, 3, 4 -> " ON " + equality;
            case 5, 6 -> " ON " + equality + " AND " + atom(sources);
            default -> " ON " + tree(sources, 2);
        };
    }

    private String reference(List<Source> sources) {
        String table =
                pick(
                        "users",
                        "orders",
                        "orders",
                        "items",
                        "items",
                        "products",
                        "sessions",
                        "audit");
        String key =
                switch (table) {
                    case "sessions" -> "sid";
                    case "products" -> "id";
                    default -> "user_id";
                };
        String alias = "t" + aliases++;
        if (random.nextInt(10) == 0) {
            sources.add(new Source(alias, key));
            String where = pick("", " WHERE user_id = 42", " WHERE user_id = 42 OR 1 = 0");
            return "(SELECT * FROM " + table + where + ") " + alias;
        }
        boolean plain =
                random.nextInt(4) == 0
                        && sources.stream().noneMatch(source -> source.alias().equals(table));
        sources.add(new Source(plain ? table : alias, key));
        return plain ? table : table + " " + alias;
    }

    /** Conditions that often pin every table, and perhaps something more. */
    private String pinned(List<Source> sources, List<Source> outer, List<Source> scope) {
        var conditions = new ArrayList<String>();
        for (Source source : sources) {
            switch (random.nextInt(6)) {
                case 0 -> {}
                case 1 -> conditions.add(source.key() + " = " + any(scope).key());
                case 2 ->
                        conditions.add(
                                source.key()
                                        + " = "
                                        + (outer.isEmpty() ? usualValue() : any(outer).key()));
                default -> conditions.add(source.key() + " = " + usualValue());
            }
        }
        if (random.nextBoolean()) {
            conditions.add(tree(scope, 2));
        }
        return String.join(" AND ", conditions);
    }

    private String tree(List<Source> scope, int depth) {
        if (depth == 0 || random.nextInt(3) == 0) {
            return atom(scope);
        }
        String left = tree(scope, depth - 1);
        String right = tree(scope, depth - 1);
        return switch (random.nextInt(9)) {
            case 0, 1, 2, 3 -> left + " AND " + right;
            case 4, 5 -> left + " OR " + right;
            case 6 -> left + pick(" XOR ", " || ", " && ") + right;
            case 7 -> "NOT " + left + pick(" AND ", " OR ") + right;
            default -> "(" + left + ")";
        };
    }

    private String atom(List<Source> scope) {
        Source source = any(scope);
        String key = random.nextInt(8) == 0 ? source.keyColumn() : source.key();
        return switch (random.nextInt(15)) {
            case 0, 1, 2 -> key + " = " + value();
            case 3 -> value() + " = " + key;
            case 4 -> key + " IN (" + value() + pick("", "", ", 42") + ")";
            case 5, 6 -> key + " = " + any(scope).key();
            case 7 -> source.alias() + ".x " + pick("=", ">", "<", "<>") + " " + random.nextInt(4);
            case 8 -> key + " BETWEEN " + value() + " AND " + value();
            case 9 -> nested(pick("", "NOT ") + "EXISTS (", "1", scope);
            case 10 -> nested(source.alias() + ".x" + pick(" IN (", " NOT IN ("), "@.x", scope);
            case 11 -> key + pick(" IS NULL", " IS NOT NULL", " <=> 42", " <> 42");
            case 12 ->
                    source.alias() + ".name = " + pick("'a'", "'a '", "'42'", "42", "''", "@'a'");
            case 13 -> pick("user_id = 42", "sid = 'a'");
            default -> pick("1 = 1", "0 = 1", "TRUE", "!" + key, key + " = 42 = 1", "0", "NULL");
        };
    }

    private String nested(String before, String selectList, List<Source> scope) {
        return nesting < NESTING_MAX ? before + block(selectList, scope) + ")" : "0 = 1";
    }

    private String usualValue() {
        return pick("42", "42", "42", "'42'", "'a'");
    }

    private String value() {
        return pick(
                "42",
                "42",
                "'42'",
                "42.0",
                "042",
                "7",
                "(42)",
                "43",
                "-42",
                "41 + 1",
                "0",
                "'a'",
                "'a '",
                "'A'",
                "9007199254740993",
                "'9007199254740993'",
                "9223372036854775808",
                "NULL",
                "4.2e1",
                "0x2A");
    }

    private Source any(List<Source> sources) {
        return sources.get(random.nextInt(sources.size()));
    }

    private String pick(String... texts) {
        return texts[random.nextInt(texts.length)];
    }
}
