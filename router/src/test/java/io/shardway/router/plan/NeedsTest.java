package io.shardway.router.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.shardway.router.sql.SqlDialect;
import io.shardway.router.topology.AccountRight;
import io.shardway.router.topology.Rights;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class NeedsTest {

    private final StatementPlanner planner = new StatementPlanner();

    @TestFactory
    Stream<DynamicTest> everyStatementNeedsTheRightsOfAllItsKeyspaces() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(NeedsTest.class.getResourceAsStream("/needs/needs.txt"))) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return Stream.of(text.split("\n\n"))
                    .map(block ->
                            block.lines()
                                    .filter(line -> !line.startsWith("#"))
                                    .collect(Collectors.joining("\n")))
                    .filter(block -> block.contains("=>"))
                    .map(block -> block.split("\n=>", 2))
                    .map(parts ->
                            dynamicTest(
                                    parts[0],
                                    () -> assertThat(needs(parts[0])).isEqualTo(parts[1].strip())));
        }
    }

    @Test
    void aLargerRightMeetsASmallerNeed() {
        var needs = Needs.of("store", AccountRight.READ);
        assertThat(needs.metBy(Rights.NONE.with("store", AccountRight.WRITE))).isTrue();
        assertThat(needs.metBy(Rights.everywhere(AccountRight.READ))).isTrue();
        assertThat(needs.metBy(Rights.NONE.with("shop", AccountRight.ADMIN))).isFalse();
    }

    @Test
    void everyKeyspaceIsMetByNoListOfKeyspaces() {
        var needs = Needs.everywhere(AccountRight.READ);
        Rights store = Rights.NONE.with("store", AccountRight.ADMIN);
        assertThat(needs.metBy(store)).isFalse();
        assertThat(needs.missingIn(store)).contains(needs.all().getFirst());
        assertThat(needs.missingIn(Rights.everywhere(AccountRight.READ)))
                .isEqualTo(Optional.empty());
    }

    private String needs(String sql) {
        var literals = ScannedSql.of(sql, SqlDialect.DEFAULT);
        byte[] text = literals.text();
        Planned planned =
                planner.plan(
                        text,
                        0,
                        text.length,
                        SqlDialect.DEFAULT,
                        literals,
                        "store",
                        TestCatalog.catalog());
        return planned.needs().all().stream()
                .map(need -> need.keyspace().orElse("*") + " " + need.right())
                .collect(Collectors.joining(", "));
    }
}
