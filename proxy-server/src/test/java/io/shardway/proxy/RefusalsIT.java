package io.shardway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.router.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every line of {@code refusals.txt}, through a proxy; docs/refusals.md is made of what it says.
 */
@Timeout(300)
class RefusalsIT {

    private static final Pattern LINE =
            Pattern.compile("(sharded|plain|none) (\\w+) (SW-\\d+) (\\d+) (.*)");
    private static final Pattern MESSAGE = Pattern.compile("(?s)(SW-\\d+): (.*)");

    /** Codes that no statement alone causes; other tests show them. */
    private static final Set<ErrorCode> NOT_BY_STATEMENT =
            Arrays.stream(ErrorCode.values())
                    .filter(RefusalsIT::isNotByStatement)
                    .collect(Collectors.toSet());

    private static boolean isNotByStatement(ErrorCode code) {
        return switch (code) {
            // Logins, connections and packets.
            case ACCESS_DENIED,
                    TOO_MANY_CONNECTIONS,
                    MALFORMED_PACKET,
                    UNKNOWN_COMMAND,
                    PACKET_TOO_LARGE,
                    STATEMENT_TOO_LONG,
                    TLS_REQUIRED,
                    SHUTTING_DOWN,
                    UNKNOWN_KEYSPACE,
                    SESSION_KILLED,
                    IDLE_TIMEOUT,
                    WRITE_TIMEOUT,
                    TOO_MANY_LOGINS,
                    LOGIN_TIMEOUT,
                    ACCOUNT_LOCKED,
                    CONNECTION_NOT_SAFE,
                    ACCOUNT_DROPPED,
                    UNKNOWN_STATEMENT,
                    LONG_DATA_TOO_LARGE ->
                    true;
            // What a client's file holds, or how it is sent.
            case FILE_NOT_READABLE, FILE_RECORD_TOO_LONG, FILE_STALLED -> true;
            // What another session, a node or ZooKeeper does meanwhile.
            case QUERY_INTERRUPTED,
                    KILL_NOT_ALLOWED,
                    TOPOLOGY_UNAVAILABLE,
                    TOPOLOGY_CONFLICT,
                    TOPOLOGY_FORMAT,
                    TOPOLOGY_CHANGE_UNKNOWN,
                    TOPOLOGY_ACCESS_DENIED,
                    TOPOLOGY_MISSING,
                    TOPOLOGY_EXISTS,
                    SCHEMA_MISMATCH,
                    PROXY_NAME_TAKEN,
                    DEFINITION_HALF_DONE,
                    DEFINITION_RUNNING,
                    DEFINITION_OPEN,
                    DEFINITION_TAKEN_OVER,
                    DEFINITION_NOT_UNDONE,
                    LOST_PROXIES,
                    TABLES_IN_USE,
                    SHARDS_DIFFER,
                    TABLE_BEING_DEFINED,
                    TABLE_HALF_DEFINED,
                    REFERENCE_COPIES_DIFFER,
                    REFERENCE_COPY_BEHIND,
                    REFERENCE_WRITE_UNFINISHED,
                    REFERENCE_WRITE_WAITED,
                    TOO_MANY_REFERENCE_WRITERS,
                    NOT_ANNOUNCED,
                    KEYSPACE_HALF_DONE,
                    KEYSPACE_ON_NODE,
                    BACKEND_UNAVAILABLE,
                    BACKEND_LOST,
                    OUTCOME_UNKNOWN,
                    ANSWER_CUT,
                    PROXY_FENCED,
                    TRANSACTION_FAILED,
                    PARTLY_COMMITTED,
                    PARTLY_ROLLED_BACK,
                    SETTINGS_DIFFER,
                    SEQUENCE_UNAVAILABLE,
                    SEQUENCE_EXHAUSTED,
                    KEY_RESERVED,
                    KEYSPACE_ACCOUNT_MISSING ->
                    true;
            // MySQL's own text is answered, without a number of Shardway's.
            case UNKNOWN_SAVEPOINT, UNKNOWN_SESSION, NOT_PREPARABLE -> true;
            // Rights and limits that these accounts and settings do not reach.
            case READ_RIGHT_MISSING,
                    POOL_EXHAUSTED,
                    ASSEMBLY_TOO_LARGE,
                    HELD_ROWS_EXHAUSTED,
                    TOO_MANY_ASSEMBLIES,
                    ASSEMBLY_FAILED,
                    PREPARED_STATEMENTS_EXHAUSTED,
                    TOO_MANY_WAITERS,
                    TOO_MANY_PLANS,
                    TOO_MANY_ACCOUNT_CONNECTIONS,
                    ACCOUNT_CONNECTIONS_EXHAUSTED,
                    ACCOUNT_STATEMENTS_EXHAUSTED,
                    TOPOLOGY_TOO_LARGE,
                    TOO_MANY_PROXIES ->
                    true;
            // Starting, and our own faults.
            case BAD_SETTING, NOT_INITIALIZED, PORT_TAKEN, BUG -> true;
            default -> false;
        };
    }

    /** One line of the file. */
    private record Refusal(
            String keyspace, String account, String code, int mysqlCode, String statement) {

        private static Refusal of(String line) {
            Matcher matcher = LINE.matcher(line);
            assertThat(matcher.matches()).as(line).isTrue();
            return new Refusal(
                    matcher.group(1),
                    matcher.group(2),
                    matcher.group(3),
                    Integer.parseInt(matcher.group(4)),
                    matcher.group(5));
        }
    }

    private final TestProxy proxy = TestProxy.start();

    private static List<Refusal> refusals() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(RefusalsIT.class.getResourceAsStream("/refusals.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(Refusal::of)
                    .toList();
        }
    }

    @Test
    void everyStatementIsRefusedAsTheFileSays() throws Exception {
        var differences = new ArrayList<String>();
        var details = new LinkedHashMap<Refusal, String>();
        try (proxy) {
            define();
            for (Refusal refusal : refusals()) {
                String answer = answer(refusal);
                String expected = refusal.code() + " " + refusal.mysqlCode();
                if (!answer.startsWith(expected + " ")) {
                    differences.add(refusal + "%n    but: %s".formatted(answer));
                } else {
                    details.put(refusal, detail(refusal, answer.substring(expected.length() + 1)));
                }
            }
        }
        assertThat(differences).isEmpty();
        Set<String> shown =
                details.keySet().stream().map(Refusal::code).collect(Collectors.toSet());
        assertThat(ErrorCode.values())
                .filteredOn(code -> !NOT_BY_STATEMENT.contains(code))
                .allSatisfy(code -> assertThat(shown).contains(code.id()));
        comparePage(page(details));
    }

    private static void comparePage(String page) throws IOException {
        Path made = Files.createDirectories(Path.of("target")).resolve("refusals.md");
        Files.writeString(made, page);
        assertThat(Path.of("../docs/refusals.md"))
                .as("copy proxy-server/target/refusals.md over docs/refusals.md")
                .hasContent(page);
    }

    private void define() throws SQLException {
        try (Connection connection = proxy.connect();
                Statement statement = connection.createStatement()) {
            for (String sql :
                    List.of(
                            "CREATE TABLE users (user_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
                                    + " name VARCHAR(50))",
                            "CREATE TABLE orders (user_id BIGINT NOT NULL, order_id BIGINT NOT NULL,"
                                    + " total INT, PRIMARY KEY (user_id, order_id))",
                            "CREATE TABLE tickets (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
                                    + " user_id BIGINT NOT NULL)",
                            "CREATE TABLE named (user_id VARCHAR(20) COLLATE utf8mb4_0900_bin NOT"
                                    + " NULL PRIMARY KEY) DEFAULT CHARSET utf8mb4",
                            "CREATE TABLE countries (code CHAR(2) PRIMARY KEY, name VARCHAR(50))"
                                    + " COMMENT 'shardway:reference'",
                            "CREATE TABLE settings (name VARCHAR(50) PRIMARY KEY, value TEXT)",
                            "CREATE DATABASE " + plain(),
                            "USE " + plain(),
                            "CREATE TABLE t (id INT PRIMARY KEY)")) {
                statement.execute(sql);
            }
        }
    }

    private String plain() {
        return proxy.keyspace() + "_plain";
    }

    /** Code, number and message of what the last statement answers. */
    private String answer(Refusal refusal) throws SQLException {
        String schema =
                switch (refusal.keyspace()) {
                    case "sharded" -> proxy.keyspace();
                    case "plain" -> plain();
                    default -> "";
                };
        String url =
                "jdbc:mysql://127.0.0.1:%d/%s?allowPublicKeyRetrieval=true&sendFractionalSeconds=true"
                        .formatted(proxy.proxy().port(), schema);
        List<String> statements = Arrays.asList(refusal.statement().split(" ; ", -1));
        try (Connection connection =
                        DriverManager.getConnection(url, refusal.account(), refusal.account());
                Statement statement = connection.createStatement()) {
            for (String sql : statements.subList(0, statements.size() - 1)) {
                statement.execute(filled(sql));
            }
            try {
                statement.execute(filled(statements.getLast()));
                return "OK";
            } catch (SQLException refused) {
                Matcher message = MESSAGE.matcher(String.valueOf(refused.getMessage()));
                return message.matches()
                        ? message.group(1) + " " + refused.getErrorCode() + " " + message.group(2)
                        : "MySQL " + refused.getErrorCode() + " " + refused.getMessage();
            }
        } catch (SQLException failed) {
            return "before: " + failed;
        }
    }

    private String filled(String sql) {
        return sql.replace("{1}", "" + proxy.keyOn(1, 0))
                .replace("{2}", "" + proxy.keyOn(2, 0))
                .replace("{ks}", proxy.keyspace())
                .replace("{plain}", plain());
    }

    /** What the message says besides what all of its code say. */
    private String detail(Refusal refusal, String message) {
        String all = codeOf(refusal.code()).message("");
        String before = all.substring(all.indexOf(": ") + 2, all.indexOf(". "));
        int open = message.indexOf(" (", Math.max(0, before.length() - 1));
        int close = message.indexOf("). ");
        String detail = open < 0 || close < open ? "" : message.substring(open + 2, close);
        return detail.replace(plain(), "blog")
                .replace(proxy.keyspace(), "shop")
                .replace("app@127.0.0.1", "app@host")
                .replaceAll("\\b" + proxy.keyOn(1, 0) + "\\b(?=')", "1");
    }

    private static ErrorCode codeOf(String id) {
        return Arrays.stream(ErrorCode.values())
                .filter(code -> code.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static String page(Map<Refusal, String> details) {
        var byCode = new TreeMap<String, List<Refusal>>();
        details.keySet()
                .forEach(each ->
                        byCode.computeIfAbsent(each.code(), _ -> new ArrayList<>()).add(each));
        var page =
                new StringBuilder(
                        """
                        # What is refused

                        Every statement here was sent through a proxy by the build, with this answer. Made by `RefusalsIT`
                        from `proxy-server/src/test/resources/refusals.txt`: change that file, and copy
                        `proxy-server/target/refusals.md` here. What is offered is in [statements.md](statements.md) and
                        [keyspaces.md](keyspaces.md). MySQL's own errors come with MySQL's number and text.

                        The tables are `users` (its `user_id` is AUTO_INCREMENT), `orders`, `tickets` and `named` (sharded by
                        `user_id`; text in `named`), `countries` (reference) and `settings` (single) in the sharded keyspace
                        `shop`, and `t` in the plain keyspace `blog`. 1 and 2 are shard keys on different shards.
                        """);
        byCode.forEach((id, refusals) -> {
            ErrorCode code = codeOf(id);
            String message = code.message("");
            page.append("\n## ").append(message, 0, message.indexOf(". ")).append("\n\n");
            page.append(message.substring(message.indexOf(". ") + 2));
            page.append(
                    " MySQL's number is %d, the SQL state %s.\n\n"
                            .formatted(code.mysqlCode(), code.sqlState()));
            page.append("| Keyspace | Statement | Detail |\n|---|---|---|\n");
            refusals.forEach(each -> page.append(row(each, details.get(each))));
        });
        return page.toString();
    }

    private static String row(Refusal refusal, String detail) {
        String statement =
                refusal.statement()
                        .replace("{1}", "1")
                        .replace("{2}", "2")
                        .replace("{ks}", "shop")
                        .replace("{plain}", "blog")
                        .replace("|", "\\|");
        String who = refusal.account().equals("app") ? "" : ", by " + refusal.account();
        return "| %s%s | `%s` | %s |\n"
                .formatted(refusal.keyspace(), who, statement, detail.replace("|", "\\|"));
    }
}
