package io.shardway.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a demo that is killed, or told something wrong. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class DemoIT {

    @TempDir private Path directory;
    @AutoClose private final DemoProcesses demos = new DemoProcesses();

    @Test
    void leavesNoServerBehindWhenItIsKilled() throws Exception {
        DemoProcesses.Started started = demos.start("--shards=1", "--replicas=0");

        started.process().destroyForcibly().waitFor();

        DemoProcesses.awaitGone(started.ports());
    }

    @Test
    void namesFileLineAndReasonOfAWrongStatement() throws Exception {
        Path tables =
                Files.writeString(directory.resolve("bad.sql"), "SELECT 1;\n\nSELECT nothing;");
        Process process = demos.launch("--shards=1", "--replicas=0", "--tables=" + tables);

        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).isEqualTo(2);
        assertThat(output).contains("bad.sql, line 3: Unknown column 'nothing'");
    }
}
