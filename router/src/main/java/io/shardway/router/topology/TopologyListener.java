package io.shardway.router.topology;

/** Hears of topologies, each with a larger epoch than the one before. Called by one thread. */
@FunctionalInterface
public interface TopologyListener {

    /**
     * Takes over a topology. It may have skipped epochs. If this throws, the newest topology is
     * offered again later.
     */
    void onTopology(Topology topology);
}
