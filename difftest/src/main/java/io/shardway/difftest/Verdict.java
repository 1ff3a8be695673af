package io.shardway.difftest;

import java.util.List;
import java.util.function.Supplier;

/** How Shardway's answer stands beside MySQL's. */
public enum Verdict {
    /** Rows, metadata, affected rows, warnings. */
    EQUAL,
    /** MySQL's own error, from both. */
    SAME_ERROR,
    /**
     * Equal values, of another type or table: where rows pass through a temporary table of MySQL's
     * own; whether they do hangs on its plan.
     */
    OTHER_TYPES,
    /**
     * Values that are equal by their collation, of which MySQL shows that of any row of the group.
     */
    OTHER_MEMBERS,
    /**
     * Asked in another way, MySQL answers otherwise, and then as Shardway. 8.0.31 answers some
     * outer joins with a subquery in their condition wrongly, if it makes semijoins of them, and
     * sees by a semijoin only that a column hangs on those that are grouped by. And it takes a
     * parameter for another type where a WITH query is read the second time: of {@code WITH c AS
     * (SELECT x FROM t WHERE x BETWEEN 1 AND ?) SELECT * FROM c a JOIN c b}, executed with 1.5, the
     * rows of b end at 2.
     */
    MYSQLS_FAULT,
    /** One of them was stopped by max_execution_time. */
    TOO_SLOW,
    /** An error of Shardway's own. */
    REFUSED,
    DIFFERENT;

    /**
     * @param grouped whether a value can stand for others that are equal
     * @param otherwise asks MySQL once more in other ways
     */
    static Verdict ofRead(
            boolean ordered,
            boolean grouped,
            Answer mysql,
            Answer shardway,
            Supplier<List<Answer>> otherwise) {
        if (mysql.isTimeout() || shardway.isTimeout()) {
            return TOO_SLOW;
        }
        if (shardway.isRefusedByProxy()) {
            return REFUSED;
        }
        if (seen(ordered, mysql).equals(seen(ordered, shardway))) {
            return mysql.isError() ? SAME_ERROR : EQUAL;
        }
        if (!mysql.isError()
                && !mysql.columns().equals(shardway.columns())
                && mysql.labels().equals(shardway.labels())
                && seen(ordered, mysql.values()).equals(seen(ordered, shardway.values()))) {
            return OTHER_TYPES;
        }
        if (grouped
                && !mysql.isError()
                && !shardway.isError()
                && mysql.labels().equals(shardway.labels())
                && seen(ordered, mysql.folded()).equals(seen(ordered, shardway.folded()))) {
            return OTHER_MEMBERS;
        }
        Answer told = seen(ordered, shardway.values());
        return otherwise.get().stream()
                        .filter(answer -> answer.labels().equals(shardway.labels()))
                        .anyMatch(answer -> seen(ordered, answer.values()).equals(told))
                ? MYSQLS_FAULT
                : DIFFERENT;
    }

    /** The number of warnings hangs on the order in which MySQL reads. */
    private static Answer seen(boolean ordered, Answer answer) {
        return (ordered ? answer : answer.sorted()).withoutWarnings();
    }

    /** Which error is told, of several, hangs on the order of rows; that there is one does not. */
    static Verdict ofWrite(Answer mysql, Answer shardway) {
        if (shardway.isRefusedByProxy()) {
            return REFUSED;
        }
        if (mysql.isError() && shardway.isError()) {
            return SAME_ERROR;
        }
        return counted(mysql).equals(counted(shardway)) ? EQUAL : DIFFERENT;
    }

    /** The rows' numbers in warnings of UPDATE hang on the order in which it finds them. */
    private static Answer counted(Answer answer) {
        Answer sorted = answer.sorted();
        return new Answer(
                sorted.columns(),
                sorted.rows(),
                sorted.affected(),
                sorted.warnings().stream()
                        .map(warning -> warning.replaceAll(" at row \\d+$", ""))
                        .toList(),
                sorted.error());
    }
}
