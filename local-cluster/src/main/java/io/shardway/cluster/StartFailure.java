package io.shardway.cluster;

import java.util.List;

/** Why a mysqld did not come up, read from its error log. Immutable. */
record StartFailure(boolean portTaken, ClusterProblem problem) {

    private static final int TAIL_LINES = 15;

    static StartFailure of(String node, int port, NodeFiles files, long logStart) {
        return of(node, port, files.directory().toString(), files.logLinesFrom(logStart));
    }

    static StartFailure of(String node, int port, String directory, List<String> log) {
        String text = String.join("\n", log);
        if (text.contains("Bind on TCP/IP port: Address already in use")) {
            return new StartFailure(true, Ports.taken(port, "MySQL node " + node));
        }
        if (isDiskFull(log)) {
            return because("The disk that holds %s is full: free some space.".formatted(directory));
        }
        if (text.contains("error while loading shared libraries")) {
            return because(
                    "The MySQL server lacks a library: " + lineWith("shared libraries", log));
        }
        String tail =
                String.join("\n", log.subList(Math.max(0, log.size() - TAIL_LINES), log.size()));
        return because(
                "MySQL node %s did not come up; the end of %s/mysqld.log:%n%s"
                        .formatted(node, directory, tail));
    }

    static boolean isDiskFull(List<String> log) {
        return log.stream()
                .anyMatch(line ->
                        line.contains("No space left on device")
                                || line.contains("Disk is full")
                                || line.contains("system error number 28"));
    }

    private static StartFailure because(String sentence) {
        return new StartFailure(false, new ClusterProblem(sentence));
    }

    private static String lineWith(String part, List<String> log) {
        return log.stream().filter(line -> line.contains(part)).findFirst().orElse("");
    }
}
