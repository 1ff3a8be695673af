package io.shardway.cli.bench;

import io.shardway.cli.UserProblem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What is measured, and how long. Immutable.
 *
 * @param connections for point selects; the other workloads run with the middle one
 * @param rounds each round visits every target once, one after the other
 */
record BenchSettings(
        List<Workload> workloads,
        List<StatementMode> modes,
        List<Integer> connections,
        int rounds,
        Duration duration,
        Duration warmUp) {

    BenchSettings {
        workloads = List.copyOf(workloads);
        modes = List.copyOf(modes);
        connections = List.copyOf(connections);
        require(!workloads.isEmpty(), "--workloads names no workload");
        require(!modes.isEmpty(), "--modes names no mode");
        require(!connections.isEmpty(), "--connections names no number");
        for (int count : connections) {
            require(
                    count >= 1 && count <= 1_000,
                    "--connections must be 1 to 1000 each, is " + count);
        }
        require(rounds >= 1 && rounds <= 100, "--rounds must be 1 to 100, is " + rounds);
        require(
                duration.toSeconds() >= 1 && duration.toSeconds() <= 3_600,
                "--seconds must be 1 to 3600, is " + duration.toSeconds());
        require(
                !warmUp.isNegative() && warmUp.toSeconds() <= 600,
                "--warm-up must be 0 to 600 seconds, is " + warmUp.toSeconds());
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new UserProblem(message + ".");
        }
    }

    /** In the order they are measured and reported. */
    List<LoadCase> cases() {
        var cases = new ArrayList<LoadCase>();
        for (Workload workload : workloads) {
            for (StatementMode mode : modes) {
                for (int count : connectionsOf(workload)) {
                    cases.add(new LoadCase(workload, mode, count));
                }
            }
        }
        return cases;
    }

    private List<Integer> connectionsOf(Workload workload) {
        return workload == Workload.POINT_SELECT
                ? connections
                : List.of(connections.get(connections.size() / 2));
    }
}
