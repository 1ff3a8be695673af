package io.shardway.cli.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;

/**
 * The same work with a connection to each node, as an application would write it: all nodes at once
 * on virtual threads, the rest in Java. Confined to one thread.
 */
final class ByHand implements SpreadSession {

    private final List<Connection> nodes;
    private final SpreadOwners owners;
    private final ExecutorService threads;

    /**
     * @param threads the caller's
     */
    ByHand(List<Connection> nodes, SpreadOwners owners, ExecutorService threads) {
        this.nodes = List.copyOf(nodes);
        this.owners = owners;
        this.threads = threads;
    }

    private interface Part<T> {
        T of(Connection node, int shard) throws SQLException;
    }

    @Override
    public void run(SpreadWork work, RandomGenerator random) throws SQLException {
        switch (work) {
            case AGGREGATE -> {
                long rows = 0;
                long sum = 0;
                long most = 0;
                for (List<List<Long>> part :
                        onAll((node, _) -> SpreadSql.numbers(node, SpreadSql.AGGREGATE))) {
                    rows += part.getFirst().getFirst();
                    sum += part.getFirst().get(1);
                    most = Math.max(most, part.getFirst().getLast());
                }
                require(rows == owners.users() && sum >= most);
            }
            case GROUPS -> {
                var groups = new TreeMap<Long, long[]>();
                for (List<List<Long>> part :
                        onAll((node, _) -> SpreadSql.numbers(node, SpreadSql.GROUPS_BY_HAND))) {
                    for (List<Long> row : part) {
                        long[] sums = groups.computeIfAbsent(row.getFirst(), _ -> new long[2]);
                        sums[0] += row.get(1);
                        sums[1] += row.getLast();
                    }
                }
                require(
                        groups.values().stream()
                                .filter(sums -> sums[0] > 1)
                                .map(sums -> (double) sums[1] / sums[0])
                                .allMatch(Double::isFinite));
            }
            case TOP_10 ->
                    require(
                            onAll((node, _) -> SpreadSql.numbers(node, SpreadSql.TOP_10)).stream()
                                            .flatMap(List::stream)
                                            .sorted(
                                                    Comparator.comparing((List<Long> row) ->
                                                                    -row.getFirst())
                                                            .thenComparing(List::getLast))
                                            .limit(SpreadSql.TOP)
                                            .count()
                                    == SpreadSql.TOP);
            case TEN_KEYS -> {
                var apart = owners.apart(SpreadSql.keys(random, owners.users(), SpreadSql.KEYS));
                onAll((node, shard) ->
                        apart.get(shard).isEmpty()
                                ? 0
                                : SpreadSql.rows(node, SpreadSql.select(apart.get(shard))));
            }
            case HUNDRED_ROWS -> {
                var apart = owners.apart(SpreadSql.newKeys(random, SpreadSql.ROWS));
                onAll((node, shard) -> write(node, SpreadSql.insert(apart.get(shard))));
                onAll((node, _) -> write(node, "COMMIT"));
            }
            case FILE_20K -> {
                var apart = owners.apart(SpreadSql.newKeys(random, SpreadSql.FILE_ROWS));
                onAll((node, shard) -> {
                    SpreadSql.execute(node, "BEGIN");
                    SpreadSql.load(node, apart.get(shard));
                    return 0;
                });
                onAll((node, _) -> write(node, "COMMIT"));
            }
            case TWO_SHARDS -> {
                for (int shard = 0; shard < 2; shard++) {
                    SpreadSql.execute(nodes.get(shard), "BEGIN");
                    SpreadSql.execute(
                            nodes.get(shard), SpreadSql.update(owners.keyOf(shard, random)));
                }
                for (int shard = 0; shard < 2; shard++) {
                    SpreadSql.execute(nodes.get(shard), "COMMIT");
                }
            }
        }
    }

    private static int write(Connection node, String sql) throws SQLException {
        if (sql.startsWith("INSERT")) {
            SpreadSql.execute(node, "BEGIN");
        }
        SpreadSql.execute(node, sql);
        return 0;
    }

    private static void require(boolean right) {
        if (!right) {
            throw new IllegalStateException("the rows are not those of the bench");
        }
    }

    private <T> List<T> onAll(Part<T> part) throws SQLException {
        var others = new ArrayList<Future<T>>();
        for (int shard = 1; shard < nodes.size(); shard++) {
            int at = shard;
            Callable<T> other = () -> part.of(nodes.get(at), at);
            others.add(threads.submit(other));
        }
        var answers = new ArrayList<T>();
        answers.add(part.of(nodes.getFirst(), 0));
        for (Future<T> other : others) {
            answers.add(answer(other));
        }
        return answers;
    }

    private static <T> T answer(Future<T> other) throws SQLException {
        try {
            return other.get();
        } catch (ExecutionException e) {
            throw new SQLException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException(e);
        }
    }

    @Override
    public void close() throws SQLException {
        for (Connection node : nodes) {
            node.close();
        }
    }
}
