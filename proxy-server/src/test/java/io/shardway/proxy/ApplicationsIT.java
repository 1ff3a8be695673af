package io.shardway.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole applications on a plain keyspace and on MySQL itself: WordPress, where it is installed (apt
 * install wordpress; another place in {@code WORDPRESS_HOME}), and the tests of Django, where
 * {@code DJANGO_SOURCE} names its source ({@code DJANGO_TESTS}: which; with python3-mysqldb).
 */
@Timeout(1800)
class ApplicationsIT {

    private static final String DJANGO_TESTS =
            "basic backends transactions introspection select_for_update bulk_create"
                    + " migrations.test_loader";

    private static Twin twin;

    @TempDir private Path directory;

    /** Where an application finds its database. */
    private record Place(int port, String database, String user, String password) {}

    @BeforeAll
    static void start() throws Exception {
        twin = Twin.startPlain();
    }

    @AfterAll
    static void stop() {
        if (twin != null) {
            twin.close();
        }
    }

    private static List<Place> places() {
        return List.of(
                new Place(
                        twin.node().port(),
                        twin.directSchema(),
                        "root",
                        twin.node().rootPassword()),
                new Place(twin.proxy().proxy().port(), twin.keyspace(), "native", "native"));
    }

    /** Those that Django connects to before it makes the databases of its tests. */
    private static List<String> databases(Place place) {
        return List.of("dj" + place.database(), "dj" + place.database() + "_other");
    }

    private static void forEachDatabase(Place place, String statement) throws SQLException {
        String url =
                "jdbc:mysql://127.0.0.1:%d/?allowPublicKeyRetrieval=true".formatted(place.port());
        try (Connection connection =
                        DriverManager.getConnection(url, place.user(), place.password());
                Statement sql = connection.createStatement()) {
            for (String database : databases(place)) {
                sql.execute(statement.formatted(database));
            }
        }
    }

    private Path resource(String name, String as) throws IOException {
        try (InputStream in = ApplicationsIT.class.getResourceAsStream("/applications/" + name)) {
            Path file = directory.resolve(as);
            Files.write(file, in.readAllBytes());
            return file;
        }
    }

    private static String run(List<String> command, Map<String, String> environment, Path in)
            throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.directory(in.toFile()).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        return output + "exit " + process.waitFor();
    }

    @Test
    void wordPressDoesNotNotice() throws Exception {
        ChildClient.assumeInstalled("php", "php-cli php-mysql");
        Path home = Path.of(System.getenv().getOrDefault("WORDPRESS_HOME", "/usr/share/wordpress"));
        assumeTrue(Files.exists(home.resolve("wp-settings.php")), "no WordPress in " + home);
        Path script = resource("wordpress.php", "wordpress.php");
        var outputs = new ArrayList<String>();
        for (Place place : places()) {
            outputs.add(
                    run(
                            List.of(
                                    "php",
                                    "-d",
                                    "display_errors=stderr",
                                    script.toString(),
                                    home.toString(),
                                    Integer.toString(place.port()),
                                    place.database(),
                                    place.user(),
                                    place.password()),
                            Map.of(),
                            directory));
        }
        Files.writeString(Path.of("target").resolve("wordpress.txt"), outputs.getFirst());
        assertThat(outputs.getFirst())
                .contains(
                        "wp_posts",
                        "login: \"incorrect_password\"",
                        "cron: [\"7\",false,true]",
                        "exit 0");
        assertThat(outputs.getLast().replace(twin.keyspace(), "SCHEMA"))
                .isEqualTo(outputs.getFirst().replace(twin.directSchema(), "SCHEMA"));
    }

    @Test
    void djangoFailsNowhereElse() throws Exception {
        String source = System.getenv().getOrDefault("DJANGO_SOURCE", "");
        assumeTrue(!source.isEmpty(), "DJANGO_SOURCE names no source of Django");
        resource("django_settings.py", "shardway_settings.py");
        String modules = System.getenv().getOrDefault("DJANGO_TESTS", DJANGO_TESTS);
        var results = new ArrayList<List<String>>();
        for (Place place : places()) {
            var command =
                    new ArrayList<>(
                            List.of(
                                    "/usr/bin/python3",
                                    source + "/tests/runtests.py",
                                    "--settings=shardway_settings",
                                    "--noinput",
                                    "--parallel=1"));
            command.addAll(List.of(modules.split(" ")));
            forEachDatabase(place, "CREATE DATABASE `%s`");
            String path = System.getenv().getOrDefault("PYTHONPATH", "");
            String output =
                    run(
                            command,
                            Map.of(
                                    "PYTHONPATH", directory + ":" + source + ":" + path,
                                    "DB_PORT", Integer.toString(place.port()),
                                    "DB_NAME", "dj" + place.database(),
                                    "DB_USER", place.user(),
                                    "DB_PASSWORD", place.password()),
                            directory);
            Files.writeString(Path.of("target").resolve("django-" + place.user() + ".txt"), output);
            forEachDatabase(place, "DROP DATABASE `%s`");
            assertThat(output).contains("Ran ");
            results.add(failures(output));
        }
        assertThat(results.getLast()).isEqualTo(results.getFirst());
    }

    /** What failed, and how many tests ran, failed and were skipped. */
    private static List<String> failures(String output) {
        var found = new TreeSet<String>();
        var matcher =
                Pattern.compile("(?m)^(?:FAIL|ERROR): .*$|^Ran [0-9]+ tests|^OK.*$|^FAILED .*$")
                        .matcher(output);
        while (matcher.find()) {
            found.add(matcher.group());
        }
        return List.copyOf(found);
    }
}
