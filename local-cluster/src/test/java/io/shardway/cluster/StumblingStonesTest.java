package io.shardway.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a fresh machine may lack, each answered with one sentence. */
class StumblingStonesTest {

    private static final String DEBIAN_12 =
            "NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n";
    private static final String DEBIAN_13 =
            "NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"13\"\nID=debian\n";
    private static final String UBUNTU_22 = "ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"22.04\"\n";
    private static final String UBUNTU_24 = "ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"\n";
    private static final String FEDORA = "NAME=\"Fedora Linux\"\nID=fedora\nVERSION_ID=41\n";

    @TempDir Path directory;

    @Test
    void readsFromTheLoaderWhichLibrariesAreMissing() {
        String loader =
                """
                \tlibpthread.so.0 => /lib/x86_64-linux-gnu/libpthread.so.0 (0x00007f)
                \tlibaio.so.1 => not found
                \tlibnuma.so.1 => not found
                \tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)
                """;
        assertThat(SharedLibraries.missingIn(loader))
                .containsExactly("libaio.so.1", "libnuma.so.1");
    }

    @Test
    void missesNothingWhereAllLibrariesAreThere() {
        assertThat(SharedLibraries.missingIn("\tlibaio.so.1 => /lib/libaio.so.1 (0x0)\n"))
                .isEmpty();
    }

    @Test
    void namesTheCommandThatInstallsLibraries() {
        assertThat(SharedLibraries.installCommand(DEBIAN_12))
                .isEqualTo("sudo apt-get install -y libaio1 libnuma1");
        assertThat(SharedLibraries.installCommand(UBUNTU_22)).endsWith("libaio1 libnuma1");
        assertThat(SharedLibraries.installCommand(DEBIAN_13)).endsWith("libaio1t64 libnuma1");
        assertThat(SharedLibraries.installCommand(UBUNTU_24)).endsWith("libaio1t64 libnuma1");
        assertThat(SharedLibraries.installCommand(FEDORA)).startsWith("sudo dnf install");
        assertThat(SharedLibraries.installCommand("")).endsWith("libaio1 libnuma1");
    }

    @Test
    void saysWhichLibrariesAreMissing() {
        var problem = SharedLibraries.notFound(List.of("libaio.so.1", "libnuma.so.1"), "apt");
        assertThat(problem.sentence())
                .isEqualTo(
                        "The MySQL server needs libaio.so.1 and libnuma.so.1, which this machine lacks.");
        assertThat(problem.remedy()).contains("apt");
    }

    @Test
    void linksALibraryThatDebianThirteenRenamed() throws Exception {
        Path renamed = Files.writeString(directory.resolve("libaio.so.1t64"), "library");
        Path links = SharedLibraries.link(List.of(renamed), directory.resolve("lib"));
        SharedLibraries.link(List.of(renamed), directory.resolve("lib")); // A second start.
        assertThat(links.resolve("libaio.so.1")).isSymbolicLink().hasContent("library");
        assertThat(links).isDirectoryNotContaining("glob:**link*");
    }

    @Test
    void knowsThatTheBundledServerRunsOnOneKindOfMachine() {
        assertThatThrownBy(() -> new Platform("Linux", "aarch64").requireBundledServer())
                .isInstanceOf(ClusterProblem.class)
                .hasMessageContaining("Linux aarch64: use Docker");
        assertThatThrownBy(() -> new Platform("Mac OS X", "x86_64").requireBundledServer())
                .isInstanceOf(ClusterProblem.class);
        assertThatCode(() -> new Platform("Linux", "amd64").requireBundledServer())
                .doesNotThrowAnyException();
    }

    @Test
    void asksForSpaceBeforeTheDiskIsFull() {
        long megabyte = 1024 * 1024;
        assertThatThrownBy(() -> Platform.requireSpace(directory, 250, 250 * megabyte - 1))
                .isInstanceOf(ClusterProblem.class)
                .hasMessageContaining("has 249 MB left and this needs 250 MB");
        assertThatCode(() -> Platform.requireSpace(directory, 250, 250 * megabyte))
                .doesNotThrowAnyException();
    }

    @Test
    void saysThatADirectoryCannotBeOne() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        assertThatThrownBy(() -> Platform.requireWritable(file))
                .isInstanceOf(ClusterProblem.class)
                .hasMessageContaining("is not a directory");
        assertThatThrownBy(() -> Platform.requireWritable(Path.of("/proc/shardway")))
                .isInstanceOf(ClusterProblem.class)
                .hasMessageContaining("/proc/shardway");
    }

    @Test
    void readsFromTheErrorLogWhyAServerDidNotStart() {
        assertThat(
                        failure(
                                        "[Server] Can't start server: Bind on TCP/IP port: Address already in use")
                                .portTaken())
                .isTrue();
        assertThat(
                        failure("InnoDB: Error number 28 means 'No space left on device'")
                                .problem()
                                .sentence())
                .startsWith("The disk that holds /data is full");
        assertThat(
                        failure(
                                        "[InnoDB] posix_fallocate(): Failed to preallocate data, desired"
                                                + " size 16384 bytes. Operating system error number"
                                                + " 28. Check that the disk is not full")
                                .problem()
                                .sentence())
                .startsWith("The disk that holds /data is full");
        assertThat(failure("unknown variable 'x=1'").problem().sentence())
                .startsWith("MySQL node s1-a did not come up")
                .endsWith("unknown variable 'x=1'");
    }

    @Test
    void acceptsMySqlEightOnly() {
        assertThat(MySqlBinaries.versionIn("mysqld  Ver 8.0.31 for Linux on x86_64"))
                .isEqualTo("8.0.31");
        assertThatThrownBy(() -> MySqlBinaries.versionIn("mysqld  Ver 10.11.6-MariaDB for debian"))
                .isInstanceOf(ClusterProblem.class);
        assertThatThrownBy(() -> MySqlBinaries.versionIn("mysqld  Ver 5.7.44 for Linux"))
                .isInstanceOf(ClusterProblem.class);
    }

    @Test
    void aHalfMadeCacheEntryIsNeverSeen() throws Exception {
        var cache = new CacheDirectory(directory.resolve("cache"));
        assertThatThrownBy(() ->
                        cache.once(
                                "thing",
                                place -> {
                                    Files.writeString(place.resolve("half"), "");
                                    throw new ClusterProblem("power cut");
                                }))
                .hasMessage("power cut");
        assertThat(cache.root().resolve("thing")).doesNotExist();
        Path made = cache.once("thing", place -> Files.writeString(place.resolve("whole"), ""));
        Path again = cache.once("thing", place -> Files.writeString(place.resolve("twice"), ""));
        assertThat(again).isEqualTo(made).isDirectoryNotContaining("glob:**twice");
        assertThat(cache.root()).isDirectoryNotContaining("glob:**unfinished*");
    }

    private static StartFailure failure(String logLine) {
        return StartFailure.of("s1-a", 3306, "/data", List.of("first line", logLine));
    }
}
