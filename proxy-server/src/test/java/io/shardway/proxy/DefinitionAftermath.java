package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.proxy.query.ProxyPeer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * A definition that one proxy was at when something went wrong, and what an operator and clients
 * find of it at another proxy. Confined to one test; blocks.
 */
final class DefinitionAftermath {

    private static final String TABLE = "crashed";

    private final TestProxy other;
    private final String verb;
    private final long key;

    /**
     * @param verb ALTER, CREATE or TRUNCATE
     */
    DefinitionAftermath(TestProxy other, String verb) {
        this.other = other;
        this.verb = verb;
        this.key = other.keyOn(2, 0);
    }

    /** A table with a row on each shard, unless the definition makes it. */
    void prepare() throws SQLException {
        if (verb.equals("CREATE")) {
            return;
        }
        try (Connection connection = other.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE " + TABLE + " (user_id BIGINT NOT NULL PRIMARY KEY, n INT)");
            for (int shard = 1; shard <= 2; shard++) {
                statement.execute(
                        "INSERT INTO %s (user_id, n) VALUES (%d, 1)"
                                .formatted(TABLE, other.keyOn(shard, 1)));
            }
        }
    }

    private String definition() {
        return switch (verb) {
            case "CREATE" -> "CREATE TABLE " + TABLE + " (user_id BIGINT NOT NULL PRIMARY KEY)";
            case "ALTER" -> "ALTER TABLE " + TABLE + " ADD COLUMN x INT";
            default -> "TRUNCATE TABLE " + TABLE;
        };
    }

    /** Sends it to the proxy of that port; what its client hears. */
    String define(int port) {
        String url =
                "jdbc:mysql://127.0.0.1:%d/%s?allowPublicKeyRetrieval=true"
                        .formatted(port, other.keyspace());
        try (Connection connection = DriverManager.getConnection(url, "app", "app");
                Statement statement = connection.createStatement()) {
            statement.execute(definition());
            return "ok";
        } catch (SQLException failed) {
            return String.valueOf(failed.getMessage());
        }
    }

    /**
     * The other proxy sees what is left; it carries that on, or takes it back when it is a new
     * table. Then both shards are alike. Returns what became of it.
     */
    String settle() throws Exception {
        NodeSide.until(
                "the definition is seen, and does not run", () -> !state().equals("running"));
        String state = state();
        String outcome = "entry " + state;
        if (state.equals("half done")) {
            NodeSide.until("the table is refused", this::refused);
            String doing = verb.equals("CREATE") ? "ABANDON" : "RESUME";
            NodeSide.until("it is carried on", () -> operate(doing));
            outcome += ", then " + doing + " ok";
        }
        NodeSide.until("no definition is open", () -> !state().equals("half done"));
        NodeSide.until("both shards are alike", () -> create(1).equals(create(2)));
        NodeSide.until(
                "the topology says what the shards have", () -> listed() == !create(1).isEmpty());
        if (verb.equals("TRUNCATE")) {
            assertThat(rows(1)).isEqualTo(rows(2));
        } else if (verb.equals("ALTER")) {
            assertThat(List.of(rows(1), rows(2))).containsExactly(1L, 1L);
        }
        NodeSide.until("the table can be used, or is not there", this::usable);
        return outcome + "; table " + described();
    }

    private String described() throws SQLException {
        String create = create(1);
        return create.isEmpty()
                ? "is not there"
                : (create.contains("`x`") ? "is changed" : "is there")
                        + ", rows "
                        + rows(1)
                        + "+"
                        + rows(2);
    }

    private boolean refused() {
        try {
            read();
            return false;
        } catch (SQLException refused) {
            return String.valueOf(refused.getMessage()).contains("SW-2042");
        }
    }

    private boolean usable() throws SQLException {
        try {
            read();
            return true;
        } catch (SQLException refused) {
            return create(1).isEmpty() && String.valueOf(refused.getMessage()).contains("SW-2010");
        }
    }

    private void read() throws SQLException {
        try (Connection connection = other.connect();
                Statement statement = connection.createStatement()) {
            statement.executeQuery("SELECT * FROM " + TABLE + " WHERE user_id = " + key).close();
        }
    }

    private boolean listed() {
        return other.proxy()
                .serving()
                .topology()
                .keyspace(other.keyspace())
                .orElseThrow()
                .tables()
                .containsKey(TABLE);
    }

    /** Of the definition's entry; {@code none} without one, {@code running} if nobody can say. */
    private String state() throws SQLException {
        return entry(2, "none");
    }

    private long number() throws SQLException {
        return Long.parseLong(entry(1, ""));
    }

    private String entry(int column, String missing) throws SQLException {
        var found = new ArrayList<String>();
        try (Connection admin = other.connectAsAdmin();
                Statement statement = admin.createStatement()) {
            statement.execute("SHARDWAY SHOW DDL");
            try (ResultSet rows = statement.getResultSet()) {
                while (rows.next()) {
                    if (rows.getString("statement").equals(definition())) {
                        found.add(rows.getString(column == 1 ? "ddl" : "state"));
                    }
                }
            }
        } catch (SQLException away) {
            if (String.valueOf(away.getMessage()).contains("SW-3001")) {
                return "running";
            }
            throw away;
        }
        assertThat(found).hasSizeLessThanOrEqualTo(1);
        return found.isEmpty() ? missing : found.getFirst();
    }

    private boolean operate(String doing) throws SQLException {
        try (Connection admin = other.connectAsAdmin();
                Statement statement = admin.createStatement()) {
            statement.execute("SHARDWAY " + doing + " DDL " + number());
            return true;
        } catch (SQLException notYet) {
            assertThat(notYet.getMessage())
                    .containsAnyOf(
                            "SW-3001", "SW-3041", "SW-3048", "SW-3046", "SW-4001", "SW-3043",
                            "SW-3004");
            return false;
        }
    }

    /** Locks a proxy out once ZooKeeper has noticed that it is gone. */
    void forget(int number) {
        NodeSide.until("proxy " + number + " is forgotten", () -> isForgotten(number));
        assertThat(new RunningStatus(other.proxy()).proxies())
                .extracting(ProxyPeer::number)
                .doesNotContain(number);
    }

    private boolean isForgotten(int number) throws SQLException {
        try (Connection admin = other.connectAsAdmin();
                Statement statement = admin.createStatement()) {
            statement.execute("SHARDWAY FORGET PROXY " + number);
            return true;
        } catch (SQLException alive) {
            assertThat(alive.getMessage()).as("it is alive still").contains("SW-3016");
            return false;
        }
    }

    private String create(int shard) throws SQLException {
        try (Connection connection = other.onShard(shard)) {
            return DefinitionsIT.tables(connection, TABLE).isEmpty()
                    ? ""
                    : DefinitionsIT.createOf(connection, TABLE);
        }
    }

    private long rows(int shard) throws SQLException {
        try (Connection connection = other.onShard(shard);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM " + TABLE)) {
            row.next();
            return row.getLong(1);
        }
    }
}
