package io.shardway.cli.bench;

/** One line of the report: what is sent, how, over how many connections. Immutable. */
record LoadCase(Workload workload, StatementMode mode, int connections) {

    @Override
    public String toString() {
        return workload + " " + mode + " " + connections;
    }
}
