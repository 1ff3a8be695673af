package io.shardway.cli.demo;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** What a newcomer reads when the demo runs. Immutable. */
final class Welcome {

    private final int port;
    private final Demo demo;

    Welcome(int port, Demo demo) {
        this.port = port;
        this.demo = demo;
    }

    void print(PrintWriter out) {
        out.printf(
                """

                JDBC URL   jdbc:mysql://127.0.0.1:%1$d/store
                Accounts   app / app (reads and writes), admin / admin (SHARDWAY SHOW ... too)
                Shell      %2$s
                Servers    %3$s
                Health     %4$s

                Try:
                  CREATE TABLE users (user_id BIGINT PRIMARY KEY, name VARCHAR(40));
                  INSERT INTO users VALUES (1, 'Ada');
                  INSERT INTO users VALUES (10, 'Linus');
                  SELECT name FROM users WHERE user_id = 10;
                  SHARDWAY EXPLAIN SELECT name FROM users WHERE user_id = 1;
                  SHARDWAY EXPLAIN SELECT name FROM users WHERE user_id = 10;
                  SHARDWAY HELP;

                Ctrl-C stops everything%5$s.
                """,
                port,
                shell(),
                demo.servers(),
                demo.health(),
                demo.isKept() ? "; the data stay" : " and removes the data");
        out.println("Shardway is ready");
        out.flush();
    }

    private String shell() {
        return client().map(client ->
                        "%s -h 127.0.0.1 -P %d -u app -papp store".formatted(client, port))
                .orElse(
                        "no mariadb or mysql client is installed; Debian: apt install"
                                + " mariadb-client");
    }

    private static Optional<String> client() {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.of("mariadb", "mysql")
                .filter(name ->
                        Stream.of(path.split(":"))
                                .anyMatch(each -> Files.isExecutable(Path.of(each, name))))
                .findFirst();
    }
}
