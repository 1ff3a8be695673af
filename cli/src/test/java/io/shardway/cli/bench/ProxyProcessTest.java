package io.shardway.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProxyProcessTest {

    private static final List<String> OF_THE_SCRIPT =
            List.of(
                    "-XX:+UseParallelGC",
                    "-Xms64m",
                    "-Xmx512m",
                    "--enable-native-access=all",
                    "-Da=b");

    @Test
    void startsWithTheFlagsOfTheScriptAndAProxysHeap() {
        assertThat(ProxyProcess.flags(OF_THE_SCRIPT, ""))
                .containsExactly(
                        "-XX:+UseParallelGC",
                        "--enable-native-access=all",
                        "-Da=b",
                        "-Xms256m",
                        "-Xmx1g");
    }

    @Test
    void letsTheFlagsOfTheUserWin() {
        var ofThisJvm =
                List.of(
                        "-XX:+UseParallelGC",
                        "-Xmx512m",
                        "-Xmx2g",
                        "-Dio.netty.x=1",
                        "-XX:+UseZGC");
        assertThat(ProxyProcess.flags(ofThisJvm, " -Xmx2g  -Dio.netty.x=1 -XX:+UseZGC"))
                .containsExactly(
                        "-XX:+UseParallelGC",
                        "-Xms256m",
                        "-Xmx1g",
                        "-Xmx2g",
                        "-Dio.netty.x=1",
                        "-XX:+UseZGC");
    }
}
