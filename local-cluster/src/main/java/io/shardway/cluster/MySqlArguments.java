package io.shardway.cluster;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** The command line of a node's mysqld. Stateless. */
final class MySqlArguments {

    private MySqlArguments() {}

    static List<String> of(
            MySqlBinaries binaries, NodeOptions options, int port, NodeFiles files, RunAs runAs) {
        var command = new ArrayList<String>();
        command.add(binaries.mysqld().toString());
        command.add("--no-defaults");
        command.addAll(runAs.arguments());
        command.addAll(place(binaries, port, files));
        command.addAll(replication(options, port));
        command.addAll(SMALL_AND_QUICK);
        command.add("--performance-schema=" + onOff(options.performanceSchema()));
        command.add("--local-infile=" + onOff(options.localInfile()));
        if (Files.exists(files.firstStatements())) {
            command.add("--init-file=" + files.firstStatements());
        }
        command.addAll(options.extraArguments());
        return command;
    }

    /**
     * The socket's name is relative to the data directory, in which mysqld runs: an absolute one
     * would be too long (over 107 bytes) in a deep directory. The X Protocol's port would be the
     * same for all nodes, so it is off.
     */
    private static List<String> place(MySqlBinaries binaries, int port, NodeFiles files) {
        return List.of(
                "--basedir=" + binaries.home(),
                "--datadir=" + files.data(),
                "--bind-address=" + Ports.HOST,
                "--port=" + port,
                "--mysqlx=OFF",
                "--socket=mysql.sock",
                "--pid-file=mysqld.pid");
    }

    private static List<String> replication(NodeOptions options, int port) {
        return List.of(
                "--server-id=" + options.serverId(),
                "--gtid-mode=ON",
                "--enforce-gtid-consistency=ON",
                "--log-bin=binlog",
                "--binlog-format=ROW",
                "--binlog-row-metadata=FULL",
                "--relay-log=relay",
                "--relay-log-recovery=ON",
                "--skip-replica-start=ON", // MySqlNode starts it, when the node is read-only.
                "--replica-net-timeout=10",
                "--report-host=" + Ports.HOST,
                "--report-port=" + port);
    }

    /** What the operating system has is safe from a killed process; nothing waits for the disk. */
    private static final List<String> SMALL_AND_QUICK =
            List.of(
                    "--innodb-flush-log-at-trx-commit=2",
                    "--sync-binlog=0",
                    "--innodb-buffer-pool-size=64M",
                    // Some two dozen servers use up the kernel's asynchronous requests
                    // (fs.aio-max-nr).
                    "--innodb-use-native-aio=OFF",
                    MySqlNode.REDO_LOG_ARGUMENT,
                    "--max-connections=400");

    private static String onOff(boolean on) {
        return on ? "ON" : "OFF";
    }
}
