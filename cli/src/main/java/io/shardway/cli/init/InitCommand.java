package io.shardway.cli.init;

import io.shardway.cli.UserProblem;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.topology.Account;
import io.shardway.router.topology.AuthPlugin;
import io.shardway.router.topology.Topology;
import io.shardway.router.topology.zookeeper.ZooKeeperClient;
import io.shardway.router.topology.zookeeper.ZooKeeperCredentials;
import java.io.Console;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
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

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_$]{1,64}");

    @Spec private CommandSpec spec;

    @Option(
            names = "--zookeeper",
            required = true,
            paramLabel = "HOST:PORT[,...]",
            description = "The ZooKeeper servers")
    private String zooKeeper = "";

    @Option(
            names = "--root",
            paramLabel = "PATH",
            description = "Where in ZooKeeper the cluster lies (default: /shardway)")
    private String root = "/shardway";

    @Option(
            names = "--zookeeper-user",
            paramLabel = "NAME",
            description = "For ZooKeeper's digest login; only it may then change the topology")
    private Optional<String> zooKeeperUser = Optional.empty();

    @Option(
            names = "--shard",
            required = true,
            paramLabel = "NAME=HOST:PORT[,REPLICA:PORT...]",
            description = "A primary and its replicas; repeatable")
    private List<String> shards = List.of();

    @Option(
            names = "--default-shard",
            paramLabel = "NAME",
            description = "Holds plain keyspaces and single tables (default: the first)")
    private Optional<String> defaultShard = Optional.empty();

    @Option(
            names = "--keyspace",
            paramLabel = "NAME",
            description = "The sharded keyspace (default: store)")
    private String keyspace = "store";

    @Option(
            names = "--shard-key",
            paramLabel = "COLUMN",
            description = "Decides where a row lives (default: user_id)")
    private String shardKey = "user_id";

    @Option(
            names = "--account",
            paramLabel = "NAME:RIGHT",
            description = "Who may log in; RIGHT is read, write or admin; repeatable")
    private List<String> accounts = List.of();

    @Option(
            names = "--owner-user",
            paramLabel = "NAME",
            description =
                    "The MySQL account, the same on every node, that makes the serving accounts"
                            + " (default: shardway)")
    private String ownerUser = "shardway";

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = "Lines of name=password, for the owner and the accounts")
    private Optional<Path> passwordFile = Optional.empty();

    @Option(
            names = "--dry-run",
            description = "Checks everything, lists the steps, changes nothing")
    private boolean dryRun;

    @Override
    public Integer call() {
        List<ShardSpec> specs = shards.stream().map(ShardSpec::parse).toList();
        Topology first = FirstTopology.of(specs, shardId(), named(keyspace), named(shardKey));
        var passwords = new Passwords(passwordFile, System.getenv(), InitCommand::ask);
        var owner = new OwnerLogin(ownerUser, passwords.of(ownerUser, "SHARDWAY_PASSWORD_OWNER"));
        Map<AccountSpec, String> logins = logins(passwords);
        PrintWriter out = spec.commandLine().getOut();

        checkNodes(specs, owner, out);
        try (ZooKeeperClient store = connect(passwords)) {
            if (store.topologyStore().isInitialized()) {
                throw new ShardwayException(ErrorCode.TOPOLOGY_EXISTS, root);
            }
            var steps = new InitSteps(specs, first, owner, logins.keySet(), keyspace);
            out.println(dryRun ? "Would do:" : "Doing:");
            steps.describe().forEach(line -> out.println("  " + line));
            out.flush();
            if (!dryRun) {
                carryOut(steps, store, logins);
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
        var check = new NodeCheck(owner, keyspace);
        specs.forEach(check::check);
        check.warnings().forEach(warning -> out.println("Warning: " + warning + "."));
        out.flush();
        if (!check.problems().isEmpty()) {
            throw new UserProblem(
                    "Some nodes cannot be used:\n  " + String.join("\n  ", check.problems()));
        }
    }

    private Map<AccountSpec, String> logins(Passwords passwords) {
        var logins = new LinkedHashMap<AccountSpec, String>();
        for (String text : accounts) {
            var account = AccountSpec.parse(text);
            logins.put(account, passwords.of(account.name(), account.variable()));
        }
        return logins;
    }

    private ZooKeeperClient connect(Passwords passwords) {
        Optional<ZooKeeperCredentials> credentials =
                zooKeeperUser.map(user ->
                        new ZooKeeperCredentials(
                                user, passwords.of(user, "SHARDWAY_PASSWORD_ZOOKEEPER")));
        return ZooKeeperAccess.open(zooKeeper, root, credentials);
    }

    private Optional<ShardId> shardId() {
        try {
            return defaultShard.map(ShardId::new);
        } catch (IllegalArgumentException e) {
            throw new UserProblem("--default-shard: " + e.getMessage() + ".", e);
        }
    }

    private static String named(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new UserProblem(
                    "'%s' is no name: 1 to 64 letters, digits, '_' or '$'.".formatted(name));
        }
        return name;
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
