package io.shardway.router.plan;

import io.shardway.router.topology.AccountRight;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Gathers what a statement does in which keyspace while it is planned. Whatever is named is read; a
 * writing statement of which nobody said what it writes writes all it names. Confined to one call
 * of the planner.
 */
final class NeedsReader {

    private final Map<String, AccountRight> rights = new TreeMap<>();
    private boolean someWritten;
    private boolean allWritten;
    private boolean everywhere;

    /** The statement names the keyspace. */
    void reads(String keyspace) {
        rights.putIfAbsent(keyspace, AccountRight.READ);
    }

    void writes(String keyspace) {
        rights.put(keyspace, AccountRight.WRITE);
        someWritten = true;
    }

    /** SELECT ... FOR UPDATE needs what UPDATE needs, as in MySQL. */
    void writesAll() {
        allWritten = true;
    }

    /** The server's schemas tell of all keyspaces, unless the account is shown its own part. */
    void readsSystem(String schema, String table) {
        everywhere |= !InformationSchema.isNamed(schema) || tellsAll(table);
    }

    private static boolean tellsAll(String table) {
        return switch (InformationSchema.of(table)) {
            case InformationSchema.Content.Common _,
                    InformationSchema.Content.OfKeyspaces _,
                    InformationSchema.Content.Own _ ->
                    false;
            case InformationSchema.Content.OfConnection _, InformationSchema.Content.Unknown _ ->
                    true;
        };
    }

    /** It cannot be told which keyspaces it reads. */
    void readsEverywhere() {
        everywhere = true;
    }

    Needs of(Plan plan) {
        boolean write = allWritten || isWrite(plan) && !someWritten;
        var needs = new ArrayList<Needs.Need>();
        rights.forEach((keyspace, right) ->
                needs.add(
                        new Needs.Need(Optional.of(keyspace), write ? AccountRight.WRITE : right)));
        if (isWrite(plan) && rights.isEmpty()) {
            needs.add(new Needs.Need(Optional.empty(), AccountRight.WRITE));
        } else if (everywhere) {
            needs.add(new Needs.Need(Optional.empty(), AccountRight.READ));
        }
        return needs.isEmpty() ? Needs.NONE : new Needs(List.copyOf(needs));
    }

    private static boolean isWrite(Plan plan) {
        return switch (plan) {
            case Plan.Keyed keyed -> keyed.access() == Access.WRITE;
            case Plan.AnyShard any -> any.access() == Access.WRITE;
            case Plan.OnDefaultShard on -> on.access() == Access.WRITE;
            case Plan.Described described -> described.access() == Access.WRITE;
            case Plan.Plain plain -> plain.access() == Access.WRITE;
            case Plan.KeyedInsert _,
                    Plan.WriteReference _,
                    Plan.SpreadWrite _,
                    Plan.Load _,
                    Plan.InsertSelect _,
                    Plan.Change _,
                    Plan.DefineTable _,
                    Plan.DefineKeyspace _,
                    Plan.Stored _ ->
                    true;
            case Plan.Assemble _, Plan.Explain _, Plan.Control _, Plan.Admin _, Plan.Rejected _ ->
                    false;
        };
    }
}
