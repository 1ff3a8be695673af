package io.shardway.cli.demo;

import io.shardway.cli.UserProblem;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ./shardway demo}: a cluster and a proxy until Ctrl-C. One thread, and a shutdown hook. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Starts real MySQL servers, ZooKeeper and a proxy on this machine; Ctrl-C stops them.",
            "",
            "The keyspace is 'store', sharded by user_id. Accounts: app/app, admin/admin."
        })
public final class DemoCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Mixin private DemoOptions options;

    @Override
    public Integer call() throws Exception {
        DemoSettings settings = options.settings();
        Optional<TablesFile> script = settings.tables().map(TablesFile::read);
        requireFree(settings.port());
        PrintWriter out = spec.commandLine().getOut();
        var demo = new Demo(settings, line -> say(out, line));
        var hook = new Thread(() -> stop(demo, out), "stop-demo");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            demo.start();
            if (script.isPresent()) {
                try (var connection = demo.connectAsApp()) {
                    script.get().run(connection);
                }
            }
        } catch (Exception e) {
            demo.close();
            throw e;
        }
        new Welcome(settings.port(), demo).print(out);
        new CountDownLatch(1).await(); // Until a signal ends the JVM.
        return 0;
    }

    private static void stop(Demo demo, PrintWriter out) {
        if (demo.isOpen()) {
            say(out, "Stopping.");
        }
        demo.close();
    }

    private static void say(PrintWriter out, String line) {
        out.println(line);
        out.flush();
    }

    /** Asked first, so that nobody waits for servers that then cannot be reached. */
    private static void requireFree(int port) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new java.net.InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
        } catch (IOException e) {
            boolean low = port < 1024 && String.valueOf(e.getMessage()).contains("ermission");
            throw new UserProblem(
                    low
                            ? "Port %d may only be used by root. Use one above 1023: --port 3307"
                                    .formatted(port)
                            : "Port %d is taken. Use another one: ./shardway demo --port %d"
                                    .formatted(port, port < 65_500 ? port + 10 : port - 10),
                    e);
        }
    }
}
