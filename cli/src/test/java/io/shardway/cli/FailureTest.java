package io.shardway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.ExitCode;

class FailureTest {

    private final StringWriter said = new StringWriter();

    @Test
    void saysThatTheDiskIsFull() {
        var full = new IOException("/data/s1-a: No space left on device");
        assertThat(describe(new UncheckedIOException(full))).isEqualTo(ExitCode.USAGE);
        assertThat(said.toString())
                .startsWith("shardway: the disk is full: /data/s1-a: No space left on device.")
                .doesNotContain("Exception");
    }

    @Test
    void callsWhatItDoesNotKnowABug() {
        var unknown = new UncheckedIOException(new IOException("Stream closed"));
        assertThat(describe(unknown)).isEqualTo(ExitCode.SOFTWARE);
        assertThat(said.toString()).contains("this is a bug", "Stream closed");
    }

    private int describe(Exception failure) {
        return Failure.describe(failure, new PrintWriter(said, true));
    }
}
