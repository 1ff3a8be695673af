package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardway.proxy.settings.PlanSettings;
import io.shardway.router.ErrorCode;
import io.shardway.router.keyspace.Epoch;
import io.shardway.router.keyspace.SchemaEpoch;
import io.shardway.router.plan.Access;
import io.shardway.router.plan.Needs;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.Planned;
import io.shardway.router.plan.Traits;
import io.shardway.router.schema.Catalog;
import io.shardway.router.schema.KeyspaceSchema;
import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.SqlDialect;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PlansTest {

    private static final Catalog CATALOG = new Catalog(Epoch.NONE, Map.of(), Set.of());
    private static final PlanSettings ROOMY =
            new PlanSettings(100, 1 << 10, 10, 16 << 20, 1_000_000, true);

    private final CountDownLatch goOn = new CountDownLatch(1);
    private final AtomicInteger planned = new AtomicInteger();
    private final AtomicLong told = new AtomicLong();

    private Planned slow(
            Lexer lexer, int from, SqlDialect dialect, String keyspace, Catalog catalog) {
        planned.incrementAndGet();
        try {
            goOn.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
        return new Planned(new Plan.OnDefaultShard(Access.READ, Traits.NONE), Needs.NONE);
    }

    private Plans plans(PlanSettings settings) {
        return new Plans(settings, _ -> told.incrementAndGet(), this::slow);
    }

    @Test
    void remembersNoDefinitionsForTheirValuesMatter() {
        goOn.countDown();
        Plans plans = plans(ROOMY);
        for (String sql :
                new String[] {
                    "CREATE TABLE t (a INT) COMMENT 'shardway:single'",
                    "CREATE TABLE t (a INT) COMMENT 'shardway:reference'",
                    "/* again */ alter TABLE t AUTO_INCREMENT = 5",
                    "ALTER TABLE t AUTO_INCREMENT = 6"
                }) {
            int before = planned.get();
            plans.planOf(scanned(sql), 0, SqlDialect.DEFAULT, "store", CATALOG);
            plans.planOf(scanned(sql), 0, SqlDialect.DEFAULT, "store", CATALOG);
            assertThat(planned.get()).as(sql).isEqualTo(before + 2);
        }
    }

    private static Lexer scanned(String sql) {
        byte[] text = sql.getBytes(UTF_8);
        var lexer = new Lexer();
        lexer.scan(text, 0, text.length, SqlDialect.DEFAULT);
        return lexer;
    }

    private static CompletableFuture<Planned> plan(Plans plans, String sql, Catalog catalog) {
        Lexer lexer = scanned(sql);
        return plans.plan(lexer.text(), lexer.digest().copy(), SqlDialect.DEFAULT, "store", catalog)
                .toCompletableFuture();
    }

    private static Optional<Planned> known(Plans plans, String sql, Catalog catalog) {
        return plans.known(scanned(sql), 0, SqlDialect.DEFAULT, "store", catalog);
    }

    @Test
    void plansAShapeOnceForAllWhoWait() {
        Plans plans = plans(ROOMY);
        CompletableFuture<Planned> one = plan(plans, "SELECT a FROM t WHERE k = 1", CATALOG);
        CompletableFuture<Planned> other = plan(plans, "SELECT a FROM t WHERE k = 2", CATALOG);
        assertThat(known(plans, "SELECT a FROM t WHERE k = 3", CATALOG)).isEmpty();
        goOn.countDown();
        assertThat(one.join()).isSameAs(other.join());
        assertThat(planned).hasValue(1);
        assertThat(told).hasValue(1);
        assertThat(known(plans, "SELECT a FROM t WHERE k = 3", CATALOG)).contains(one.join());
    }

    @Test
    void plansForEachCatalogApart() {
        Plans plans = plans(ROOMY);
        var equal = new Catalog(Epoch.NONE, Map.of(), Set.of());
        goOn.countDown();
        plan(plans, "SELECT a FROM t", CATALOG).join();
        assertThat(known(plans, "SELECT a FROM t", equal)).isEmpty();
        plan(plans, "SELECT a FROM t", equal).join();
        assertThat(planned).hasValue(2);
    }

    @Test
    void refusesShapesBeyondItsLimitUntilOthersAreDone() {
        Plans plans = plans(new PlanSettings(100, 1 << 10, 1, 16 << 20, 1_000_000, true));
        CompletableFuture<Planned> first = plan(plans, "SELECT a FROM t", CATALOG);
        CompletableFuture<Planned> again = plan(plans, "SELECT a FROM t", CATALOG);
        assertThatThrownBy(() -> plan(plans, "SELECT b FROM t", CATALOG).join())
                .isInstanceOf(CompletionException.class)
                .hasMessageContaining(ErrorCode.TOO_MANY_PLANS.id());
        goOn.countDown();
        assertThat(first.join()).isSameAs(again.join());
        assertThat(plan(plans, "SELECT b FROM t", CATALOG).join()).isNotNull();
    }

    @Test
    void aFaultOfThePlannerTakesNoRoomAway() {
        var plans =
                new Plans(
                        new PlanSettings(100, 1 << 10, 1, 16 << 20, 1_000_000, true),
                        _ -> {},
                        (_, _, _, _, _) -> {
                            throw new IllegalArgumentException("odd");
                        });
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> plan(plans, "SELECT a FROM t", CATALOG).join())
                    .hasRootCauseMessage("odd");
        }
    }

    @Test
    void doesNotRememberLongStatements() {
        Plans plans = plans(new PlanSettings(100, 1 << 10, 10, 16 << 20, 1_000_000, true));
        goOn.countDown();
        String longer = "SELECT " + "a, ".repeat(1 << 10) + "b FROM t";
        plan(plans, longer, CATALOG).join();
        assertThat(known(plans, longer, CATALOG)).isEmpty();
    }

    @Test
    void warmsUpWithShapesItDoesNotRemember() {
        goOn.countDown();
        Plans plans = plans(ROOMY);
        var store = new KeyspaceSchema("store", "user_id", new SchemaEpoch(1), Map.of());
        plans.warmUp(new Catalog(Epoch.NONE, Map.of("store", store), Set.of()));
        assertThat(plans.size()).isZero();
    }

    @Test
    void knowsTheSessionsOwnStatementsWithoutPlanning() {
        Plans plans = plans(ROOMY);
        assertThat(known(plans, "COMMIT", CATALOG).map(Planned::plan))
                .get()
                .isInstanceOf(Plan.Control.class);
        assertThat(known(plans, "SELECT 'open", CATALOG).map(Planned::plan))
                .get()
                .isInstanceOf(Plan.Rejected.class);
        assertThat(planned).hasValue(0);
    }
}
