package io.shardway.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients' files in sharded tables, and the same files in one MySQL. */
@Timeout(120)
class LoadDataIT {

    private static final String LOAD = "LOAD DATA LOCAL INFILE 'rows' INTO TABLE items";
    private static final String CSV =
            " FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' LINES TERMINATED BY '\\r\\n'";

    private static LoadFixture loads;

    @BeforeAll
    static void start() throws SQLException {
        loads =
                LoadFixture.start(
                        "CREATE TABLE items (user_id BIGINT NOT NULL, seq INT NOT NULL DEFAULT 0, n"
                                + " INT, name VARCHAR(5), at DATETIME(6) NULL, PRIMARY KEY (user_id,"
                                + " seq))",
                        "CREATE TABLE names (name VARCHAR(10) COLLATE utf8mb4_0900_bin NOT NULL"
                                + " PRIMARY KEY, n INT) COMMENT 'shardway:key=name'",
                        "CREATE TABLE bytes (b VARBINARY(8) NOT NULL PRIMARY KEY, t VARCHAR(20))"
                                + " COMMENT 'shardway:key=b'",
                        "CREATE TABLE numbered (user_id BIGINT NOT NULL, id INT NOT NULL"
                                + " AUTO_INCREMENT, n INT, PRIMARY KEY (id, user_id)) COMMENT"
                                + " 'shardway:local-unique'",
                        "CREATE TABLE hidden (a INT INVISIBLE, user_id BIGINT NOT NULL PRIMARY KEY,"
                                + " b INT)",
                        "CREATE TABLE singles (a INT, b VARCHAR(5))");
    }

    @AfterAll
    static void stop() throws SQLException {
        loads.close();
    }

    @BeforeEach
    void empty() throws SQLException {
        for (String table :
                new String[] {"items", "names", "bytes", "numbered", "hidden", "singles"}) {
            SideBySide.describe(loads.both().proxied(), "DELETE FROM " + table);
            SideBySide.describe(loads.both().direct(), "DELETE FROM " + table);
        }
    }

    @AfterEach
    void nothingIsLeft() {
        new NodeSide(loads.proxy()).awaitClean();
    }

    private static String rows(int count) {
        var rows = new StringBuilder();
        for (int i = 0; i < count; i++) {
            rows.append(i).append("\t1\t").append(i % 7).append("\tn").append(i % 100);
            rows.append("\t2026-01-01 00:00:00\n");
        }
        return rows.toString();
    }

    @Test
    void eachRecordGoesToItsOwner() throws SQLException {
        assertThat(loads.same("items", LOAD, rows(100)))
                .contains("affected 100 Records: 100  Deleted: 0  Skipped: 0  Warnings: 0");
        for (int shard = 1; shard <= 2; shard++) {
            try (Connection node = loads.proxy().onShard(shard)) {
                assertThat(
                                SideBySide.describe(
                                        node,
                                        "SELECT COUNT(*) BETWEEN 20 AND 80 FROM "
                                                + loads.proxy().keyspace()
                                                + ".items"))
                        .endsWith("|1, ");
            }
        }
        loads.both().same("SELECT COUNT(*) FROM items WHERE user_id = 7");
        for (int key = 0; key < 100; key++) {
            assertThat(
                            SideBySide.describe(
                                    loads.both().proxied(),
                                    "SELECT seq FROM items WHERE user_id = " + key))
                    .endsWith("|1, ");
        }
    }

    @Test
    void awkwardFieldsBecomeWhatMySqlMakesOfThem() throws SQLException {
        loads.same(
                "items",
                LOAD,
                "1\t1\t\\N\ta\\tb\t\\N\n2\t1\tx\ttoo long\t2026-02-30\n3\n4\t1\t5\té€😀\t\\N\tmore\n"
                        + "5\t1\t99999999999\t\\N\\\n\t\n6\t1\t1\tend\\");
        loads.same("items", LOAD, "");
        loads.same(
                "items",
                "LOAD DATA LOCAL INFILE 'it''s' REPLACE INTO TABLE items" + CSV + " IGNORE 2 LINES",
                "user,seq\r\n\"x\r\n1,1,2,\"a,\"\"\r\n\",NULL\r\n\"2\",\"1\",3,\"NULL\",\"2026-01-01\"\r\n"
                        + "7,1,,\r\n8,1,1,\"open\r\n");
        loads.same(
                "items",
                LOAD
                        + " CHARACTER SET latin1 FIELDS TERMINATED BY '||' ENCLOSED BY '''' ESCAPED"
                        + " BY '' LINES STARTING BY '>>' TERMINATED BY '.\\n'",
                "junk >>9||'1'||2||'\\N'.\n>>no.\n"
                        .replace("no", "10||1||3||'\u00e9'")
                        .getBytes(ISO_8859_1));
    }

    @Test
    void warningsHaveTheNumberOfTheRowInTheFile() throws SQLException {
        var file = new StringBuilder("a line to leave out\n");
        for (int i = 0; i < 300; i++) {
            file.append(i).append("\t1\t").append(i % 10 == 3 ? "bad" : i).append("\ta\t\\N");
            file.append(i % 10 == 7 ? "\tmore\n" : "\n");
        }
        String told = loads.same("items", LOAD + " IGNORE 1 LINES", file.toString());
        assertThat(told).contains("Records: 300  Deleted: 0  Skipped: 0  Warnings: 60");
        assertThat(told).contains("at row 4, ").contains("Row 298 was truncated");
        // Without a row's number MySQL's order is not known; there are as many.
        String again = LoadFixture.load(loads.both().proxied(), LOAD, "1\t1\n2\t1\n3\t2\n");
        assertThat(again).contains("affected 1 Records: 3  Deleted: 0  Skipped: 2  Warnings: 11");
    }

    @Test
    void warningsOfTheStatementItselfAreToldOnce() throws SQLException {
        loads.same("items", LOAD + " CHARACTER SET utf8", rows(20) + "20\t1\tbad\n");
        try (Connection client = loads.proxy().connectTo("", "allowLoadLocalInfile=true")) {
            String qualified = LOAD.replace("items", "`" + loads.proxy().keyspace() + "` . items");
            assertThat(
                            LoadFixture.load(
                                    client, qualified, "100\t1\t1\té\t\\N\n101\t1\t1\té\t\\N\n"))
                    .contains("affected 2 Records: 2  Deleted: 0  Skipped: 0  Warnings: 0");
        }
    }

    @Test
    void duplicatesAreLeftOutOrReplaced() throws SQLException {
        loads.same("items", LOAD, rows(50));
        String replaced =
                LoadFixture.load(
                        loads.both().proxied(),
                        "LOAD DATA LOCAL INFILE 'x' REPLACE INTO TABLE items (user_id, seq, n)",
                        "1\t1\t100\n2\t1\t100\n60\t1\t100\n");
        LoadFixture.load(
                loads.both().direct(),
                "LOAD DATA LOCAL INFILE 'x' REPLACE INTO TABLE items (user_id, seq, n)",
                "1\t1\t100\n2\t1\t100\n60\t1\t100\n");
        assertThat(replaced).contains("affected 5 Records: 3  Deleted: 2  Skipped: 0");
        loads.both().same("SELECT * FROM items ORDER BY user_id");
    }

    @Test
    void columnsVariablesAndExpressions() throws SQLException {
        loads.same(
                "items",
                LOAD
                        + " CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' (@x, user_id, @y, `name`)"
                        + " SET n = @x + CHAR_LENGTH(@y), seq = IF(@y = '', 1, 2)",
                "1,1,abc,a\n2,2,,b\n3,3,c,d\n4,4,last,e\n");
        loads.both().same("SELECT @x, @y, HEX(@y)");
        loads.both().same("SET @x = 5");
        loads.same("items", LOAD + " (user_id, seq) SET n = @x * seq", "11\t1\n12\t2\n13\t3\n");
        loads.same("hidden", "LOAD DATA LOCAL INFILE 'x' INTO TABLE hidden", "1\t2\n2\t3\n3\t4\n");
        loads.same(
                "hidden",
                "LOAD DATA LOCAL INFILE 'x' INTO TABLE hidden (b, user_id, a)",
                "1\t12\t1\n2\t13\t2\n3\t14\t3\n");
        LoadFixture.load(
                loads.both().proxied(),
                LOAD + " (user_id) SET at = NOW(6)",
                "101\n102\n103\n104\n");
        assertThat(
                        SideBySide.describe(
                                loads.both().proxied(),
                                "SELECT COUNT(DISTINCT at) FROM items WHERE user_id > 100"))
                .endsWith("|1, ");
    }

    @Test
    void textAndBinaryKeys() throws SQLException {
        loads.same(
                "names",
                "LOAD DATA LOCAL INFILE 'x' INTO TABLE names CHARACTER SET utf8mb4",
                "anna\t1\nAnna\t2\n an na \t3\nzoë\t4\n😀\t5\n\t6\nN\t7\ntab\\tkey\t8\n");
        for (String name : new String[] {"anna", "Anna", " an na ", "zoë", "", "N", "tab\tkey"}) {
            assertThat(loads.both().same("SELECT n FROM names WHERE name = '" + name + "'"))
                    .contains("|");
        }
        loads.same(
                "bytes",
                "LOAD DATA LOCAL INFILE 'x' INTO TABLE bytes CHARACTER SET binary",
                "a\t1\n\u00ff\u0000\t2\n\u00e9\u0001\t3\n".getBytes(ISO_8859_1));
        assertThat(loads.both().same("SELECT t FROM bytes WHERE b = X'FF00'")).contains("|2");
    }

    @Test
    void manyRowsAreAllThere() throws SQLException {
        byte[] file = rows(200_000).getBytes(UTF_8);
        long begun = System.nanoTime();
        String there = LoadFixture.load(loads.both().direct(), LOAD, file);
        long middle = System.nanoTime();
        String here = LoadFixture.load(loads.both().proxied(), LOAD, file);
        long end = System.nanoTime();
        System.out.printf(
                "LoadDataIT 200000 rows: direct %d ms, two shards %d ms%n",
                (middle - begun) / 1_000_000, (end - middle) / 1_000_000);
        assertThat(here).isEqualTo(there).contains("affected 200000");
        loads.both().same("SELECT COUNT(*), SUM(user_id), SUM(n), MAX(at) FROM items");
        // More records than one statement on a node has.
        var wide = new StringBuilder();
        for (int i = 0; i < 300_000; i++) {
            wide.append(i).append("\t2\t").append(i == 299_998 ? "bad\n" : "1\n");
        }
        String told =
                LoadFixture.load(
                        loads.both().proxied(), LOAD + " (user_id, seq, n)", wide.toString());
        assertThat(told).contains("affected 300000").contains("at row 299999");
    }

    @Test
    void inATransactionItIsAPartOfIt() throws SQLException {
        loads.both().same("BEGIN");
        loads.both().same("INSERT INTO items (user_id, n) VALUES (1000, 1)");
        assertThat(LoadFixture.load(loads.both().proxied(), LOAD, rows(20)))
                .contains("affected 20");
        assertThat(LoadFixture.load(loads.both().proxied(), LOAD, rows(30) + "x\n"))
                .contains("SW-2004")
                .contains("record 31");
        assertThat(SideBySide.describe(loads.both().proxied(), "SELECT COUNT(*) FROM items"))
                .endsWith("|21, ");
        loads.both().same("ROLLBACK");
        loads.both().same("SELECT COUNT(*) FROM items");
        loads.both().same("SET autocommit = 0");
        loads.same("items", LOAD, rows(20));
        loads.both().same("COMMIT");
        loads.same("items", LOAD, rows(30).substring(rows(20).length()));
        loads.both().same("ROLLBACK");
        loads.both().same("SET autocommit = 1");
        loads.both().same("SELECT COUNT(*) FROM items");
    }

    @Test
    void whatIsNoExactKeyEndsItWithNothingStored() throws SQLException {
        for (String bad :
                new String[] {
                    "\\N",
                    "",
                    " 5",
                    "5 ",
                    "5.5",
                    "05",
                    "12abc",
                    "+5",
                    "99999999999999999999",
                    "\\5x"
                }) {
            String told =
                    LoadFixture.load(
                            loads.both().proxied(), LOAD, rows(5000) + bad + "\t1\n" + rows(9));
            assertThat(told).as(bad).contains("SW-2004").contains("record 5001");
        }
        String notUtf8 =
                LoadFixture.load(
                        loads.both().proxied(),
                        LOAD + " CHARACTER SET utf8mb4",
                        (rows(10) + "11\t1\t1\t\u00e9\n").getBytes(ISO_8859_1));
        assertThat(notUtf8).contains("SW-5024");
        loads.both().same("SELECT COUNT(*) FROM items");
        loads.both().same("SELECT COUNT(*) FROM numbered");
        loads.same(
                "numbered",
                "LOAD DATA LOCAL INFILE 'x' INTO TABLE numbered (user_id, id, n)",
                "1\t1\t1\n2\t2\t1\n3\t3\t1\n");
    }

    @Test
    void whatMySqlRefusesIsRefusedSo() throws SQLException {
        loads.same("items", LOAD + " (user_id, nothing)", rows(5));
        loads.same("items", LOAD + " (user_id) SET n = 1 +", rows(5));
    }

    @Test
    void modeSingleLoadsRowsOfOneShard() throws SQLException {
        TestProxy proxy = loads.proxy();
        try (Connection client = loads.client()) {
            SideBySide.describe(client, "SHARDWAY SET transaction_mode = single");
            String one = proxy.keyOn(1, 0) + "\t1\n" + proxy.keyOn(1, 1) + "\t1\n";
            assertThat(LoadFixture.load(client, LOAD, one)).contains("affected 2");
            String other = one.replace("\t1", "\t2") + proxy.keyOn(2, 0) + "\t1\n";
            assertThat(LoadFixture.load(client, LOAD, other)).contains("SW-2007");
            assertThat(SideBySide.describe(client, "SELECT COUNT(*) FROM items")).endsWith("|2, ");
            SideBySide.describe(client, "BEGIN");
            SideBySide.describe(
                    client,
                    "INSERT INTO items (user_id, seq) VALUES (" + proxy.keyOn(2, 0) + ", 9)");
            assertThat(LoadFixture.load(client, LOAD, one.replace("\t1", "\t3")))
                    .contains("SW-4006");
            SideBySide.describe(client, "COMMIT");
            assertThat(SideBySide.describe(client, "SELECT COUNT(*) FROM items")).endsWith("|3, ");
        }
    }

    @Test
    void scatterOffLoadsRowsOfOneShardUnlessTheHintSaysOtherwise() throws SQLException {
        TestProxy proxy = loads.proxy();
        try (Connection client = loads.client()) {
            SideBySide.describe(client, "SHARDWAY SET scatter = off");
            String one = proxy.keyOn(1, 0) + "\t1\n" + proxy.keyOn(1, 1) + "\t1\n";
            assertThat(LoadFixture.load(client, LOAD, one)).contains("affected 2");
            String both = one.replace("\t1", "\t2") + proxy.keyOn(2, 0) + "\t1\n";
            assertThat(LoadFixture.load(client, LOAD, both)).contains("SW-2011");
            String hinted = LOAD.replace("LOAD", "LOAD /* SHARDWAY(SCATTER) */");
            assertThat(LoadFixture.load(client, hinted, both)).contains("affected 3");
        }
        try (Connection client = loads.client()) {
            assertThat(SideBySide.describe(client, "SELECT COUNT(*) FROM items")).endsWith("|5, ");
        }
    }

    @Test
    void singleTablesAndSeveralStatements() throws SQLException {
        loads.same(
                "singles", "LOAD DATA LOCAL INFILE 'x' INTO TABLE singles", "1\ta\n2\tb\nx\tc\n");
        loads.same(
                "singles",
                "LOAD DATA LOCAL INFILE 'x' INTO TABLE singles (@v, b) SET a = @v + 1",
                "1\ta\n2\tb\n");
        loads.both().same("SELECT @v");
        try (Connection client = loads.client()) {
            String told =
                    LoadFixture.load(
                            client, "SELECT 1; " + LOAD + "; SELECT COUNT(*) FROM items", rows(10));
            assertThat(told).doesNotContain("SW-");
            assertThat(SideBySide.describe(client, "SELECT COUNT(*) FROM items")).endsWith("|10, ");
        }
    }

    @Test
    void theClientMustAllowIt() throws SQLException {
        try (Connection client = loads.proxy().connect()) {
            assertThat(SideBySide.describe(client, LOAD))
                    .contains("error 3948")
                    .contains("SW-2021");
            assertThat(SideBySide.describe(client, "SELECT 1")).endsWith("|1, ");
        }
        loads.proxy().cluster().primary(1).execute("SET GLOBAL local_infile = OFF");
        try {
            assertThat(LoadFixture.load(loads.both().proxied(), LOAD, rows(10)))
                    .contains("error 3948");
        } finally {
            loads.proxy().cluster().primary(1).execute("SET GLOBAL local_infile = ON");
        }
        loads.proxy().cluster().primary(2).execute("SET GLOBAL local_infile = OFF");
        try {
            assertThat(LoadFixture.load(loads.both().proxied(), LOAD, rows(10)))
                    .contains("error 3948");
        } finally {
            loads.proxy().cluster().primary(2).execute("SET GLOBAL local_infile = ON");
        }
        loads.both().same("SELECT COUNT(*) FROM items");
    }
}
