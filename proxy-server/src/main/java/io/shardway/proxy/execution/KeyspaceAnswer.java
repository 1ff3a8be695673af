package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.router.schema.Catalog;
import io.shardway.router.sql.LikePattern;
import io.shardway.router.sql.QuotedName;
import io.shardway.router.topology.AccountRight;
import io.shardway.router.topology.Rights;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** SHOW DATABASES and SHOW GRANTS, as far as the account sees. Confined to its event loop. */
final class KeyspaceAnswer {

    private static final String INFORMATION_SCHEMA = "information_schema";

    private final StatementRunner runner;

    KeyspaceAnswer(StatementRunner runner) {
        this.runner = runner;
    }

    /**
     * @param like the pattern, if there is one
     */
    void show(Optional<byte[]> like) {
        Catalog catalog = runner.loop().serving().catalog();
        Rights rights = runner.session().account().rights();
        var names = new TreeSet<String>(catalog.sharded().keySet());
        names.addAll(catalog.plain());
        names.removeIf(name -> !rights.allow(name, AccountRight.READ));
        names.add(INFORMATION_SCHEMA);
        Optional<String> pattern = like.map(bytes -> new String(bytes, UTF_8));
        pattern.map(LikePattern::ofCase)
                .ifPresent(wanted -> names.removeIf(name -> !wanted.matches(name)));
        String column = pattern.map(text -> "Database (" + text + ")").orElse("Database");
        new TableAnswer(runner).send(table(column, List.copyOf(names)));
    }

    /** In MySQL's words, because tools read them. */
    void grants() {
        var identity = runner.session().identity();
        String account =
                "%s@%s"
                        .formatted(
                                QuotedName.of(identity.user()),
                                QuotedName.of(identity.account().host().text()));
        var rows = new ArrayList<String>();
        rows.add(
                "GRANT %s ON *.* TO %s"
                        .formatted(
                                identity.rights()
                                        .everywhere()
                                        .map(KeyspaceAnswer::privileges)
                                        .orElse("USAGE"),
                                account));
        new TreeMap<>(identity.rights().byKeyspace())
                .forEach((keyspace, right) ->
                        rows.add(
                                "GRANT %s ON %s.* TO %s"
                                        .formatted(
                                                privileges(right),
                                                QuotedName.of(keyspace),
                                                account)));
        new TableAnswer(runner).send(table("Grants for " + identity.currentUser(), rows));
    }

    private static String privileges(AccountRight right) {
        return switch (right) {
            case READ -> "SELECT, SHOW VIEW";
            case WRITE, ADMIN -> "ALL PRIVILEGES";
        };
    }

    private static AdminGate.Answer.Table table(String column, List<String> values) {
        return new AdminGate.Answer.Table(
                List.of(column), values.stream().map(value -> List.<String>of(value)).toList());
    }
}
