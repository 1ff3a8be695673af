package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.cluster.LocalCluster;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * A definition is stopped at each of its moments, and there its proxy is killed, a node dies, or
 * ZooKeeper goes away. Whatever happens, afterwards both shards have the same tables, or the table
 * is refused and an operator can carry it on. The outcomes are printed as the table of docs/ddl.md.
 */
@Timeout(600)
class DefinitionCrashIT {

    /** In the order in which a definition comes to them. */
    private static final List<String> MOMENTS =
            List.of(
                    "locked",
                    "recorded",
                    "marked",
                    "s1:begun",
                    "s1:sent",
                    "s1:done",
                    "s2:begun",
                    "s2:sent",
                    "s2:done",
                    "stepped",
                    "published");

    /** All cases take half an hour; without it three that tell much in little time. */
    private static final boolean EVERYTHING = Boolean.getBoolean("shardway.crash.everything");

    private static final Map<String, String> OUTCOMES = new TreeMap<>();

    private static LocalCluster cluster;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** What goes wrong. */
    private enum Trouble {
        PROXY_KILLED,
        NODE_DIES,
        ZOOKEEPER_AWAY;

        /**
         * A killed proxy is to be missed soon, and without ZooKeeper little is worth waiting for.
         * Else a busy machine must not look like trouble.
         */
        Map<String, String> settings() {
            return Map.of(
                    "zookeeper.session-timeout", this == PROXY_KILLED ? "4s" : "15s",
                    "zookeeper.connect-timeout", this == ZOOKEEPER_AWAY ? "2s" : "15s",
                    "zookeeper.announce-timeout", "15s");
        }
    }

    @BeforeAll
    static void start() {
        cluster = LocalCluster.builder().shards(2).replicas(0).start();
    }

    @AfterAll
    static void stop() {
        OUTCOMES.forEach((moment, outcome) -> System.out.println(moment + " | " + outcome));
        cluster.close();
    }

    @AfterEach
    void end() {
        restore();
        threads.close();
    }

    private static void restore() {
        cluster.zooKeeper().start();
        cluster.primary(1).start();
        cluster.primary(2).start();
    }

    @TestFactory
    Stream<DynamicTest> leavesNothingUnsaidWhenItsProxyIsKilled() {
        return cases(Trouble.PROXY_KILLED);
    }

    @TestFactory
    Stream<DynamicTest> leavesNothingUnsaidWhenANodeDies() {
        return cases(Trouble.NODE_DIES);
    }

    @TestFactory
    Stream<DynamicTest> leavesNothingUnsaidWhenZooKeeperIsAway() {
        return cases(Trouble.ZOOKEEPER_AWAY);
    }

    /** ALTER at every moment, the others where they differ from it. */
    private Stream<DynamicTest> cases(Trouble trouble) {
        return MOMENTS.stream()
                .flatMap(moment ->
                        Stream.of("ALTER", "CREATE", "TRUNCATE")
                                .filter(verb -> verb.equals("ALTER") || differs(verb, moment))
                                .filter(verb -> EVERYTHING || isTelling(trouble, verb, moment))
                                .map(verb ->
                                        DynamicTest.dynamicTest(
                                                trouble + " " + verb + " at " + moment,
                                                () -> check(trouble, verb, moment))));
    }

    private static boolean isTelling(Trouble trouble, String verb, String moment) {
        return switch (trouble) {
            case PROXY_KILLED ->
                    (verb.equals("CREATE") && moment.equals("s2:begun"))
                            || (verb.equals("ALTER") && moment.equals("published"));
            case NODE_DIES -> verb.equals("ALTER") && moment.equals("s2:sent");
            // Each takes the better part of a minute: sessions have to be lost and found.
            case ZOOKEEPER_AWAY -> false;
        };
    }

    private static boolean differs(String verb, String moment) {
        return moment.equals("s1:sent")
                || moment.equals("s2:sent")
                || (verb.equals("CREATE") && moment.equals("s2:begun"));
    }

    /** In a keyspace and a root of its own: nothing is left of the case before. */
    private void check(Trouble trouble, String verb, String moment) throws Exception {
        restore();
        Map<String, String> calm =
                Map.of(
                        "zookeeper.session-timeout", "15s",
                        "zookeeper.connect-timeout", "15s",
                        "zookeeper.announce-timeout", "15s");
        long began = System.nanoTime();
        try (var other = TestProxy.start(cluster, calm)) {
            var settings = new HashMap<>(trouble.settings());
            settings.put("stop.at", moment);
            try (var proxy = ChildProxy.start(other.settingsOf(settings), cluster.rootPassword())) {
                var aftermath = new DefinitionAftermath(other, verb);
                aftermath.prepare();
                String answer = troubled(trouble, moment, aftermath, proxy);
                String outcome = "client: %s; %s".formatted(shorten(answer), aftermath.settle());
                if (moment.equals("published")) {
                    assertThat(outcome).as("nobody has to carry it on").contains("entry done;");
                }
                String what =
                        "%s %s %2d %s".formatted(trouble, verb, MOMENTS.indexOf(moment), moment);
                OUTCOMES.put(what, outcome);
                long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
                System.out.println(what + " | " + outcome + " | " + seconds + " s");
            } finally {
                restore();
            }
        }
    }

    /** What the client hears. */
    private String troubled(
            Trouble trouble, String moment, DefinitionAftermath aftermath, ChildProxy proxy)
            throws Exception {
        Future<String> client = threads.submit(() -> aftermath.define(proxy.port()));
        Future<?> stopped =
                threads.submit(() -> {
                    proxy.awaitStopped();
                    return true;
                });
        NodeSide.until("it stops or fails", () -> stopped.isDone() || client.isDone());
        assertThat(client.isDone() ? client.get() : "").isEmpty();
        happen(trouble, moment, proxy);
        if (trouble != Trouble.PROXY_KILLED) {
            proxy.goOn();
        }
        String answer = client.get(90, TimeUnit.SECONDS);
        restore();
        if (trouble == Trouble.PROXY_KILLED) {
            aftermath.forget(proxy.number());
        }
        return answer;
    }

    private static void happen(Trouble trouble, String moment, ChildProxy proxy) {
        switch (trouble) {
            case PROXY_KILLED -> proxy.kill();
            case NODE_DIES -> cluster.primary(moment.startsWith("s2") ? 2 : 1).kill();
            case ZOOKEEPER_AWAY -> cluster.zooKeeper().stop();
        }
    }

    private static String shorten(String answer) {
        int end = answer.indexOf(" (");
        String first = answer.lines().findFirst().orElse("");
        return end > 0 && end < first.length() ? first.substring(0, end) : first;
    }
}
