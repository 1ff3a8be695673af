package io.shardway.cli.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NodeFactsTest {

    private static final List<String> GRANTS =
            List.of("GRANT SELECT, CREATE USER ON *.* TO `shardway`@`%` WITH GRANT OPTION");

    @Test
    void staysSilentAboutAGoodPrimaryAndAGoodReplica() {
        assertThat(facts("8.0.31", "ON", "ROW", false, 0).problems(true)).isEmpty();
        assertThat(facts("8.4.2", "ON", "ROW", true, 0).problems(false)).isEmpty();
        assertThat(facts("8.0.31", "ON", "ROW", false, 0).warnings(true, "store")).isEmpty();
        assertThat(facts("8.0.31", "ON", "ROW", true, 5).warnings(false, "store")).isEmpty();
    }

    @Test
    void namesWhatIsWrongWithItsRemedy() {
        assertThat(facts("5.7.44", "ON", "ROW", false, 0).problems(true))
                .containsExactly("is version 5.7.44; Shardway needs MySQL 8.0 or later 8.x");
        assertThat(facts("8.0.31", "OFF", "ROW", false, 0).problems(true))
                .containsExactly("has gtid_mode=OFF; set gtid_mode=ON in its my.cnf");
        assertThat(facts("8.0.31", "ON", "STATEMENT", false, 0).problems(true))
                .containsExactly("has binlog_format=STATEMENT; set binlog_format=ROW");
        assertThat(facts("8.0.31", "ON", "ROW", true, 0).problems(true))
                .singleElement()
                .asString()
                .contains("read_only is ON");
    }

    @Test
    void warnsOfTablesThatAreThereAndOfAReplicaThatTakesWrites() {
        assertThat(facts("8.0.31", "ON", "ROW", false, 3).warnings(true, "store"))
                .containsExactly(
                        "already holds 3 tables in store; Shardway serves only tables made"
                                + " through it");
        assertThat(facts("8.0.31", "ON", "ROW", false, 0).warnings(false, "store"))
                .singleElement()
                .asString()
                .contains("read_only is OFF");
    }

    private static NodeFacts facts(
            String version, String gtidMode, String format, boolean readOnly, int tables) {
        return new NodeFacts(version, "uuid", gtidMode, true, format, readOnly, 0, GRANTS, tables);
    }
}
