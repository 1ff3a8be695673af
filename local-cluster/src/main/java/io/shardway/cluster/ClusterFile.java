package io.shardway.cluster;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.TreeMap;

/**
 * What a kept directory says about the cluster it holds. Immutable.
 *
 * @param complete whether replication had been set up
 * @param ports by node name, {@code zookeeper} among them
 */
record ClusterFile(
        int shards,
        int replicas,
        String mysqlVersion,
        String rootPassword,
        String replicationPassword,
        boolean complete,
        Map<String, Integer> ports) {

    private static final String FORMAT = "1";
    private static final String PORT_PREFIX = "port.";

    ClusterFile {
        ports = Map.copyOf(ports);
    }

    static Path in(Path directory) {
        return directory.resolve("cluster.properties");
    }

    static Optional<ClusterFile> read(Path directory) {
        Path file = in(directory);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        var properties = new Properties();
        try {
            properties.load(new StringReader(Files.readString(file)));
            return Optional.of(of(properties, directory));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (IllegalArgumentException e) {
            throw new ClusterProblem(
                    "%s cannot be understood (%s): choose another directory."
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    private static ClusterFile of(Properties properties, Path directory) {
        String format = required("format", properties);
        if (!format.equals(FORMAT)) {
            throw new ClusterProblem(
                    "%s was made by another version of Shardway (format %s, not %s): choose another directory."
                            .formatted(directory, format, FORMAT));
        }
        var ports = new TreeMap<String, Integer>();
        for (String key : properties.stringPropertyNames()) {
            if (key.startsWith(PORT_PREFIX)) {
                ports.put(
                        key.substring(PORT_PREFIX.length()),
                        Integer.valueOf(required(key, properties)));
            }
        }
        return new ClusterFile(
                Integer.parseInt(required("shards", properties)),
                Integer.parseInt(required("replicas", properties)),
                required("mysql-version", properties),
                required("root-password", properties),
                required("replication-password", properties),
                Boolean.parseBoolean(required("complete", properties)),
                ports);
    }

    private static String required(String key, Properties properties) {
        String value = properties.getProperty(key);
        if (value == null) {
            throw new IllegalArgumentException(key + " is missing");
        }
        return value;
    }

    /** Replaces the file by one rename; only its owner may read it, as it holds passwords. */
    void write(Path directory) {
        var properties = new Properties();
        properties.setProperty("format", FORMAT);
        properties.setProperty("shards", Integer.toString(shards));
        properties.setProperty("replicas", Integer.toString(replicas));
        properties.setProperty("mysql-version", mysqlVersion);
        properties.setProperty("root-password", rootPassword);
        properties.setProperty("replication-password", replicationPassword);
        properties.setProperty("complete", Boolean.toString(complete));
        ports.forEach((name, port) -> properties.setProperty(PORT_PREFIX + name, "" + port));
        try {
            var text = new StringWriter();
            properties.store(text, "A Shardway cluster; made and read by Shardway.");
            Path fresh =
                    Files.createTempFile(
                            directory,
                            "cluster",
                            ".properties",
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rw-------")));
            Files.writeString(fresh, text.toString());
            Files.move(
                    fresh,
                    in(directory),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Refuses what was asked for and cannot be had from the data that are there. */
    void requireAgreement(
            Path directory,
            OptionalInt wantedShards,
            OptionalInt wantedReplicas,
            Optional<String> wantedRootPassword) {
        require(directory, shards, wantedShards, "shards");
        require(directory, replicas, wantedReplicas, "replicas for each shard");
        if (wantedRootPassword.isPresent() && !wantedRootPassword.get().equals(rootPassword)) {
            throw new ClusterProblem(
                    "The cluster in %s has another root password: leave it out or choose another directory."
                            .formatted(directory));
        }
    }

    private static void require(Path directory, int kept, OptionalInt wanted, String what) {
        if (wanted.isPresent() && wanted.getAsInt() != kept) {
            throw new ClusterProblem(
                    "The cluster in %s has %d %s, not %d: leave the number out or choose another directory."
                            .formatted(directory, kept, what, wanted.getAsInt()));
        }
    }

    /** A newer server changes the data for good, an older one cannot read them. */
    void requireVersion(Path directory, String version) {
        if (!mysqlVersion.equals(version)) {
            throw new ClusterProblem(
                    "The cluster in %s was made with MySQL %s and this is MySQL %s: choose another directory."
                            .formatted(directory, mysqlVersion, version));
        }
    }

    int nodeCount() {
        return shards * (1 + replicas);
    }

    ClusterFile whenComplete(Map<String, Integer> portsInUse) {
        return new ClusterFile(
                shards,
                replicas,
                mysqlVersion,
                rootPassword,
                replicationPassword,
                true,
                portsInUse);
    }

    /** Does not show the passwords. */
    @Override
    public String toString() {
        return "ClusterFile[%d shards, %d replicas, MySQL %s, ports %s]"
                .formatted(shards, replicas, mysqlVersion, ports);
    }
}
