package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What tools that keep a schema send, in their own words; held beside one MySQL. */
class MigrationScriptsIT {

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws SQLException {
        proxy = TestProxy.start();
        SideBySide.prepare(proxy);
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    @Test
    void flyway() throws SQLException {
        same(
                """
                CREATE TABLE `SCHEMA`.`flyway_schema_history` (
                    `installed_rank` INT NOT NULL,
                    `version` VARCHAR(50),
                    `description` VARCHAR(200) NOT NULL,
                    `type` VARCHAR(20) NOT NULL,
                    `script` VARCHAR(1000) NOT NULL,
                    `checksum` INT,
                    `installed_by` VARCHAR(100) NOT NULL,
                    `installed_on` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
                    `execution_time` INT NOT NULL,
                    `success` BOOL NOT NULL,
                    CONSTRAINT `flyway_schema_history_pk` PRIMARY KEY (`installed_rank`)
                ) ENGINE=InnoDB;
                CREATE INDEX `flyway_schema_history_s_idx`
                    ON `SCHEMA`.`flyway_schema_history` (`success`);
                """,
                "SELECT COUNT(*) FROM `SCHEMA`.`flyway_schema_history`",
                "INSERT INTO `SCHEMA`.`flyway_schema_history` (`installed_rank`, `version`,"
                        + " `description`, `type`, `script`, `checksum`, `installed_by`,"
                        + " `execution_time`, `success`) VALUES (1, '1', 'first', 'SQL', 'V1__first.sql',"
                        + " 17, 'app', 5, 1)",
                """
                -- V2: several statements in one text
                CREATE TABLE accounts (user_id BIGINT NOT NULL, name VARCHAR(80) NOT NULL,
                    PRIMARY KEY (user_id));
                CREATE TABLE invoices (id BIGINT NOT NULL AUTO_INCREMENT, user_id BIGINT NOT NULL,
                    total DECIMAL(12,2) NOT NULL DEFAULT 0, PRIMARY KEY (id),
                    KEY of_user (user_id));
                ALTER TABLE invoices ADD CONSTRAINT fk_user FOREIGN KEY (user_id)
                    REFERENCES accounts (user_id);
                ALTER TABLE invoices ADD COLUMN paid_at DATETIME NULL, ADD INDEX by_time (paid_at);
                CREATE INDEX by_total ON invoices (total);
                """,
                "RENAME TABLE invoices TO bills",
                "DROP INDEX by_total ON bills",
                "DROP TABLE bills; DROP TABLE accounts",
                "DROP TABLE `SCHEMA`.`flyway_schema_history`");
    }

    @Test
    void liquibase() throws SQLException {
        same(
                "CREATE TABLE SCHEMA.DATABASECHANGELOGLOCK (ID INT NOT NULL, `LOCKED` TINYINT(1) NOT"
                        + " NULL, LOCKGRANTED datetime NULL, LOCKEDBY VARCHAR(255) NULL, CONSTRAINT"
                        + " PK_DATABASECHANGELOGLOCK PRIMARY KEY (ID))",
                "DELETE FROM SCHEMA.DATABASECHANGELOGLOCK",
                "INSERT INTO SCHEMA.DATABASECHANGELOGLOCK (ID, `LOCKED`) VALUES (1, 0)",
                "UPDATE SCHEMA.DATABASECHANGELOGLOCK SET `LOCKED` = 1, LOCKEDBY = 'host',"
                        + " LOCKGRANTED = '2026-01-01 00:00:00' WHERE ID = 1 AND `LOCKED` = 0",
                "CREATE TABLE SCHEMA.DATABASECHANGELOG (ID VARCHAR(255) NOT NULL, AUTHOR"
                        + " VARCHAR(255) NOT NULL, FILENAME VARCHAR(255) NOT NULL, DATEEXECUTED"
                        + " datetime NOT NULL, ORDEREXECUTED INT NOT NULL, EXECTYPE VARCHAR(10) NOT"
                        + " NULL, MD5SUM VARCHAR(35) NULL, `DESCRIPTION` VARCHAR(255) NULL)",
                "CREATE TABLE SCHEMA.people (user_id BIGINT NOT NULL, mail VARCHAR(255) NULL,"
                        + " CONSTRAINT PK_PEOPLE PRIMARY KEY (user_id))",
                "CREATE TABLE SCHEMA.visits (user_id BIGINT NOT NULL, at datetime NOT NULL,"
                        + " CONSTRAINT PK_VISITS PRIMARY KEY (user_id, at))",
                "ALTER TABLE SCHEMA.people ADD nick VARCHAR(50) DEFAULT 'none' NULL",
                "ALTER TABLE SCHEMA.people ADD CONSTRAINT UQ_MAIL UNIQUE (user_id, mail)",
                "ALTER TABLE SCHEMA.visits ADD CONSTRAINT FK_PEOPLE FOREIGN KEY (user_id)"
                        + " REFERENCES SCHEMA.people (user_id) ON UPDATE RESTRICT ON DELETE"
                        + " RESTRICT",
                "CREATE UNIQUE INDEX ux ON SCHEMA.people(user_id, nick)",
                "ALTER TABLE SCHEMA.people MODIFY nick VARCHAR(60)",
                "ALTER TABLE SCHEMA.people ALTER nick SET DEFAULT 'x'",
                "ALTER TABLE SCHEMA.visits DROP FOREIGN KEY FK_PEOPLE",
                "ALTER TABLE SCHEMA.people DROP COLUMN nick",
                "ALTER TABLE SCHEMA.people RENAME SCHEMA.persons",
                "DROP TABLE SCHEMA.visits",
                "DROP TABLE SCHEMA.persons",
                "DROP TABLE SCHEMA.DATABASECHANGELOG",
                "DROP TABLE SCHEMA.DATABASECHANGELOGLOCK");
    }

    @Test
    void hibernate() throws SQLException {
        same(
                "drop table if exists buyers",
                "drop table if exists buyers_SEQ",
                "create table buyers (user_id bigint not null, version integer not null, email"
                        + " varchar(255), gender enum ('F','M'), primary key (user_id))"
                        + " engine=InnoDB",
                "create table buyers_SEQ (next_val bigint) engine=InnoDB",
                "insert into buyers_SEQ values ( 1 )",
                "create table purchases (id bigint not null auto_increment, user_id bigint not null,"
                        + " amount decimal(38,2), primary key (id)) engine=InnoDB",
                "create index IDX_amount on purchases (amount)",
                "alter table purchases add constraint FK_buyer foreign key (user_id) references"
                        + " buyers (user_id)",
                "alter table purchases add column note varchar(255)",
                "alter table buyers add constraint UK_email unique (user_id, email)",
                "alter table purchases drop foreign key FK_buyer",
                "drop table if exists buyers",
                "drop table if exists buyers_SEQ",
                "drop table if exists purchases");
    }

    @Test
    void whatOneShardCannotKeepIsRefusedWithAdviceAndMayBeSentAgainInOtherWords()
            throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE members (user_id BIGINT NOT NULL PRIMARY KEY, m INT)");
            assertThatThrownBy(() -> statement.execute("ALTER TABLE members ADD UNIQUE KEY u (m)"))
                    .hasMessageContaining("SW-2009")
                    .hasMessageContaining("local-unique");
            statement.execute("ALTER TABLE members COMMENT 'shardway:local-unique'");
            statement.execute("ALTER TABLE members ADD UNIQUE KEY u (m)");
            // The same words but for the comment.
            String table = "CREATE TABLE codes (user_id FLOAT PRIMARY KEY) COMMENT '%s'";
            assertThatThrownBy(() -> statement.execute(table.formatted("codes of users")))
                    .hasMessageContaining("SW-2009");
            statement.execute(table.formatted("shardway:single"));
        }
    }

    /** Answers are alike, and then all tables; single tables are on the first shard only. */
    private static void same(String... statements) throws SQLException {
        try (SideBySide both = SideBySide.open(proxy)) {
            for (String sql : statements) {
                String here = sql.replace("SCHEMA", proxy.keyspace());
                String there = sql.replace("SCHEMA", SideBySide.directSchema(proxy));
                assertThat(SideBySide.describe(both.proxied(), here))
                        .as(here)
                        .doesNotContain("error")
                        .isEqualTo(SideBySide.describe(both.direct(), there));
                var first = creates(proxy.onShard(1));
                try (Connection second = proxy.onShard(2)) {
                    assertThat(first).as(here).containsAllEntriesOf(creates(second));
                }
                String direct = SideBySide.directSchema(proxy);
                assertThat(creates(proxy.cluster().primary(1).connect(direct)))
                        .as(here)
                        .allSatisfy(
                                (table, create) -> assertThat(first).containsEntry(table, create));
            }
        }
    }

    private static TreeMap<String, String> creates(Connection connection) throws SQLException {
        var creates = new TreeMap<String, String>();
        try (connection;
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW TABLES")) {
            while (rows.next()) {
                creates.put(
                        rows.getString(1), DefinitionsIT.createOf(connection, rows.getString(1)));
            }
        }
        return creates;
    }
}
