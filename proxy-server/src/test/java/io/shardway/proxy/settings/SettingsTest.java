package io.shardway.proxy.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {

    @TempDir Path directory;

    @Test
    void allDefaultsAndAllKeysAreThese() {
        assertThat(String.join("\n", lines(ProxySettings.defaults().describe())))
                .isEqualTo(
                        """
                        proxy.name=
                        frontend.host=127.0.0.1
                        frontend.port=3307
                        frontend.connections-max=10000
                        frontend.account-connections-max=0
                        frontend.packet-bytes-max=64MiB
                        frontend.wait-timeout=8h
                        frontend.login-timeout=10s
                        frontend.login-failure-delay=1s
                        frontend.require-tls=false
                        frontend.tls-certificate-file=
                        frontend.tls-key-file=
                        frontend.tls-directory=
                        frontend.tls-client-ca-file=
                        frontend.proxy-protocol=false
                        frontend.write-buffer-high-bytes=64KiB
                        frontend.pipelined-bytes-max=1MiB
                        frontend.event-loops=0
                        frontend.drain-timeout=30s
                        frontend.write-timeout=1m
                        frontend.local-files=true
                        backend.connections-max=20
                        backend.waiters-max=10000
                        backend.acquire-timeout=3s
                        backend.connect-timeout=3s
                        backend.idle-timeout=10m
                        backend.lifetime-max=1h
                        backend.prepared-statements-max=200
                        backend.fenced-hold-max=5s
                        backend.operators-connections-max=2
                        backend.administration-connections-max=2
                        backend.kill-timeout=5s
                        backend.tls=preferred
                        backend.tls-ca-file=
                        backend.owner-user=shardway
                        backend.owner-password=(none)
                        session.prepared-statements-max=16382
                        session.diagnostics-bytes-max=64KiB
                        session.user-variables-max=1000
                        session.user-variable-bytes-max=1MiB
                        session.settings-max=500
                        session.transaction-mode=single
                        session.scatter=true
                        plan.cache-entries-max=10000
                        plan.cached-statement-bytes-max=32KiB
                        plan.in-flight-max=1000
                        plan.grammar-bytes-max=256MiB
                        plan.words-max=1000000
                        plan.warm-up=true
                        reference.waiters-max=1000
                        reference.write-timeout=10s
                        reference.check-interval=1s
                        sequence.block-size=100
                        sequence.acquire-timeout=5s
                        definition.lock-timeout=30s
                        definition.takeover-timeout=30s
                        definition.drop-timeout=20s
                        definition.journal-entries-max=200
                        metadata.sizes-max-age=5s
                        assemble.rows-max=1000000
                        assemble.bytes-max=64MiB
                        assemble.concurrent-max=16
                        assemble.held-bytes-max=128MiB
                        load.record-bytes-max=16MiB
                        load.client-timeout=1m
                        zookeeper.connect=127.0.0.1:2181
                        zookeeper.root=/shardway
                        zookeeper.auth-user=
                        zookeeper.auth-password=(none)
                        zookeeper.session-timeout=10s
                        zookeeper.connect-timeout=5s
                        zookeeper.announce-timeout=10s
                        audit.logins=all
                        audit.administration=changes
                        audit.queue-max=10000
                        management.enabled=true
                        management.host=127.0.0.1
                        management.port=3380\
                        """);
    }

    @Test
    void everyKeySetsTheComponentOfItsName() {
        Map<String, String> standard = ProxySettings.defaults().describe();
        for (Setting<?> setting : ProxySettings.ALL) {
            if (setting.key().matches(".*password.*|.*-file|.*auth-user")) {
                continue; // They need a file or each other; tested on their own.
            }
            String other = otherValueOf(setting);
            Map<String, String> changed = ProxySettings.of(Map.of(setting.key(), other)).describe();
            assertThat(changed).containsEntry(setting.key(), other);
            assertThat(changed.entrySet().stream().filter(e -> !standard.entrySet().contains(e)))
                    .as(setting.key())
                    .hasSize(1);
        }
    }

    @Test
    void readsAFileAndLetsTheEnvironmentOverrideIt() throws Exception {
        Path file =
                write(
                        """
                        # A comment.
                        proxy:
                          name: left
                        frontend:
                          port: 3400
                          wait-timeout: 10m
                        frontend.connections-max: 7
                        zookeeper:
                          connect: [zk1:2181, zk2:2181]
                        """);
        var settings =
                ProxySettings.load(
                        Optional.of(file), Map.of("SHARDWAY_FRONTEND_PORT", "3500"), Map.of());
        assertThat(settings.nameOr("machine", 1)).isEqualTo("left");
        assertThat(settings.frontend().port()).isEqualTo(3500);
        assertThat(settings.frontend().waitTimeout()).isEqualTo(Duration.ofMinutes(10));
        assertThat(settings.frontend().connectionsMax()).isEqualTo(7);
        assertThat(settings.zookeeper().connect()).isEqualTo("zk1:2181,zk2:2181");
    }

    @Test
    void takesAnEmptyFileForAllDefaults() throws Exception {
        assertThat(ProxySettings.load(Optional.of(write("# nothing\n")), Map.of(), Map.of()))
                .isEqualTo(ProxySettings.defaults());
    }

    @Test
    void namesTheNearestKeyFileAndLineOfAnUnknownOne() throws Exception {
        assertRefused("frontend:\n  port: 1\n  conections-max: 5\n")
                .hasMessageContaining("shardway.yaml:3: unknown setting frontend.conections-max")
                .hasMessageContaining("the nearest is frontend.connections-max");
        assertRefused("fronted:\n  port: 1\n").hasMessageContaining("the nearest is frontend.port");
    }

    @Test
    void namesKeyValueAndBoundOfAWrongValue() throws Exception {
        assertRefused("frontend:\n  port: 70000\n")
                .hasMessageContaining(
                        "shardway.yaml:2: frontend.port is 70000, must be 0 to 65535");
        assertRefused("backend:\n  acquire-timeout: 3\n")
                .hasMessageContaining(
                        "shardway.yaml:2: backend.acquire-timeout is \"3\", must be 1ms to 1h");
        assertRefused("backend:\n  tls: maybe\n")
                .hasMessageContaining("must be one of disabled, preferred, required");
        assertRefused("frontend:\n  packet-bytes-max: 64MB\n")
                .hasMessageContaining("units: B, KiB, MiB, GiB");
    }

    @Test
    void refusesAKeySetTwice() throws Exception {
        assertRefused("frontend:\n  port: 1\n  port: 2\n")
                .hasMessageContaining("shardway.yaml:3: frontend.port was set already at")
                .hasMessageContaining("shardway.yaml:2");
        assertRefused("frontend.port: 1\nfrontend:\n  port: 2\n")
                .hasMessageContaining("frontend.port was set already");
    }

    @Test
    void refusesWhatIsNotATreeOfPlainValues() throws Exception {
        assertRefused("frontend: 5\n").hasMessageContaining("frontend holds settings");
        assertRefused("frontend:\n  port:\n").hasMessageContaining("frontend.port has no value");
        assertRefused("just words\n").hasMessageContaining("must begin with a key");
        assertRefused("a: [\n").hasMessageContaining("not valid YAML");
        assertRefused("frontend: &x\n  port: 1\nbackend: *x\n")
                .hasMessageContaining("unknown setting backend.port");
    }

    @Test
    void refusesAMisspeltVariableButNotAStrangersOne() {
        assertThatThrownBy(() ->
                        ProxySettings.load(
                                Optional.empty(), Map.of("SHARDWAY_FRONTEND_PROT", "1"), Map.of()))
                .hasMessageContaining("the nearest is SHARDWAY_FRONTEND_PORT");
        assertThat(
                        ProxySettings.load(
                                Optional.empty(),
                                Map.of("SHARDWAY_SERVICE_HOST", "10.0.0.1", "PATH", "/bin"),
                                Map.of()))
                .isEqualTo(ProxySettings.defaults());
    }

    @Test
    void takesPasswordsFromFileOrEnvironmentAndNeverPrintsThem() throws Exception {
        Path password = Files.writeString(directory.resolve("password"), "geheim\n");
        var fromFile = ProxySettings.of(Map.of("backend.owner-password-file", password.toString()));
        assertThat(fromFile.backend().ownerPassword().reveal()).isEqualTo("geheim");
        assertThat(fromFile.toString()).doesNotContain("geheim");
        assertThat(fromFile.describe()).containsEntry("backend.owner-password", "***");
        var fromEnvironment =
                ProxySettings.load(
                        Optional.of(write("backend:\n  owner-password-env: OWNER\n")),
                        Map.of("OWNER", "geheim"),
                        Map.of());
        assertThat(fromEnvironment).isEqualTo(fromFile);
        assertRefused("backend:\n  owner-password-env: OWNER\n")
                .hasMessageContaining("environment variable OWNER, which is not set");
        assertRefused("backend:\n  owner-password-file: /nowhere\n")
                .hasMessageContaining("cannot read /nowhere");
        assertRefused("zookeeper:\n  auth-user: shardway\n")
                .hasMessageContaining("set together or not at all");
    }

    @Test
    void refusesHalfACertificate() throws Exception {
        assertRefused("frontend:\n  tls-key-file: key.pem\n")
                .hasMessageContaining("tls-certificate-file and frontend.tls-key-file");
    }

    @Test
    void theReferencePageIsUpToDate() throws Exception {
        String actual = SettingsReference.markdown();
        Path made = Files.createDirectories(Path.of("target")).resolve("settings.md");
        Files.writeString(made, actual);
        assertThat(Path.of("../docs/settings.md"))
                .as("copy proxy-server/target/settings.md over docs/settings.md")
                .hasContent(actual);
    }

    private AbstractThrowableAssert<?, ?> assertRefused(String yaml) throws Exception {
        Path file = write(yaml);
        return assertThatThrownBy(() -> ProxySettings.load(Optional.of(file), Map.of(), Map.of()))
                .isInstanceOfSatisfying(
                        ShardwayException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.BAD_SETTING));
    }

    private Path write(String yaml) throws Exception {
        return Files.writeString(directory.resolve("shardway.yaml"), yaml);
    }

    private static List<String> lines(Map<String, String> values) {
        return values.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
    }

    private static <T> String otherValueOf(Setting<T> setting) {
        return switch (setting.kind()) {
            case Kind.Number number -> otherOf(number.least(), number.greatest(), setting);
            case Kind.Bytes bytes -> bytes.print(bytes.least());
            case Kind.Time time -> time.print(time.least());
            case Kind.Switch _ -> setting.standard().equals(true) ? "false" : "true";
            case Kind.Choice<?> choice -> {
                String[] words = choice.bounds().split("one of |, ");
                yield words[words.length - 1];
            }
            case Kind.Text _ ->
                    setting.key().endsWith("connect")
                            ? "a:1"
                            : "/other".substring(setting.key().endsWith("root") ? 0 : 1);
            case Kind.File _ -> "other";
        };
    }

    private static String otherOf(int least, int greatest, Setting<?> setting) {
        return Integer.toString(setting.standard().equals(least) ? greatest : least);
    }
}
