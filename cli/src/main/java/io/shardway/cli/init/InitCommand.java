package io.shardway.cli.init;

import io.shardway.cli.UserProblem;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.topology.Account;
import io.shardway.router.topology.AuthPlugin;
import io.shardway.router.topology.Topology;
import io.shardway.router.topology.zookeeper.ZooKeeperClient;
import java.io.Console;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./shardway init}: writes the first topology of a cluster to ZooKeeper. One thread. */
@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Makes a cluster of MySQL servers: checks them, then writes the first topology.",
            "",
            "Passwords come from --password-file (lines of name=password), from the environment"
                    + " (SHARDWAY_PASSWORD_<ACCOUNT>, SHARDWAY_PASSWORD_OWNER,"
                    + " SHARDWAY_PASSWORD_ZOOKEEPER), or are asked for."
        })
public final class InitCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Mixin private ZooKeeperOptions zooKeeper;
    @Mixin private KeyspaceOptions cluster;
    @Mixin private LoginOptions logins;

    @Option(
            names = "--dry-run",
            description = "Checks everything, lists the steps, changes nothing")
    private boolean dryRun;

    @Override
    public Integer call() {
        List<ShardSpec> shards = cluster.shards();
        Topology first = cluster.firstTopology(shards);
        Passwords passwords = logins.passwords(InitCommand::ask);
        OwnerLogin owner = logins.owner(passwords);
        Map<AccountSpec, String> accounts = logins.accounts(passwords);
        PrintWriter out = spec.commandLine().getOut();

        checkNodes(shards, owner, out);
        try (ZooKeeperClient store = zooKeeper.connect(passwords)) {
            if (store.topologyStore().isInitialized()) {
                throw new ShardwayException(ErrorCode.TOPOLOGY_EXISTS, zooKeeper.root());
            }
            var steps = new InitSteps(shards, first, owner, accounts.keySet(), cluster.keyspace());
            out.println(dryRun ? "Would do:" : "Doing:");
            steps.describe().forEach(line -> out.println("  " + line));
            out.flush();
            if (!dryRun) {
                carryOut(steps, store, accounts);
                out.println("The cluster is made. Start a proxy: ./shardway proxy --config FILE");
            }
        }
        out.flush();
        return 0;
    }

    /** The topology comes last: until it is there, the same command can simply be run again. */
    private static void carryOut(
            InitSteps steps, ZooKeeperClient store, Map<AccountSpec, String> logins) {
        try {
            steps.createSchemas();
        } catch (SQLException e) {
            throw new UserProblem("The schema could not be made: " + e.getMessage(), e);
        }
        logins.forEach(
                (account, password) -> store.accountStore().put(accountOf(account, password)));
        store.topologyStore().create(steps.first());
    }

    private static Account accountOf(AccountSpec account, String password) {
        return Account.of(
                account.name(),
                password.getBytes(StandardCharsets.UTF_8),
                AuthPlugin.CACHING_SHA2,
                account.right());
    }

    private void checkNodes(List<ShardSpec> specs, OwnerLogin owner, PrintWriter out) {
        var check = new NodeCheck(owner, cluster.keyspace());
        specs.forEach(check::check);
        check.warnings().forEach(warning -> out.println("Warning: " + warning + "."));
        out.flush();
        if (!check.problems().isEmpty()) {
            throw new UserProblem(
                    "Some nodes cannot be used:\n  " + String.join("\n  ", check.problems()));
        }
    }

    private static Optional<String> ask(String name) {
        Console console = System.console();
        if (!console.isTerminal()) {
            return Optional.empty();
        }
        char[] typed = console.readPassword("Password of '%s': ", name);
        return Optional.ofNullable(typed).map(String::new);
    }
}
