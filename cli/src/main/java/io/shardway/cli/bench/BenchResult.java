package io.shardway.cli.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.ToDoubleFunction;

/** All samples of one run, by case and target, in the order of rounds. Confined to one thread. */
final class BenchResult {

    private final Map<LoadCase, Map<String, List<Sample>>> samples = new LinkedHashMap<>();

    void add(LoadCase load, String target, Sample sample) {
        samples.computeIfAbsent(load, _ -> new LinkedHashMap<>())
                .computeIfAbsent(target, _ -> new ArrayList<>())
                .add(sample);
    }

    List<LoadCase> cases() {
        return List.copyOf(samples.keySet());
    }

    List<String> targets(LoadCase load) {
        return List.copyOf(of(load).keySet());
    }

    /** NaN if that target was not measured. */
    double median(LoadCase load, String target, ToDoubleFunction<Sample> figure) {
        return median(
                of(load).getOrDefault(target, List.of()).stream().mapToDouble(figure).toArray());
    }

    /** The median over rounds of what is computed from both targets' samples of the same round. */
    double medianOfRounds(
            LoadCase load, String one, String other, BiFunction<Sample, Sample, Double> figure) {
        List<Sample> ones = of(load).getOrDefault(one, List.of());
        List<Sample> others = of(load).getOrDefault(other, List.of());
        var figures = new double[Math.min(ones.size(), others.size())];
        for (int round = 0; round < figures.length; round++) {
            figures[round] = figure.apply(ones.get(round), others.get(round));
        }
        return median(figures);
    }

    private Map<String, List<Sample>> of(LoadCase load) {
        return samples.getOrDefault(load, Map.of());
    }

    static double median(double[] values) {
        if (values.length == 0) {
            return Double.NaN;
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
