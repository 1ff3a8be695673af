package io.shardway.difftest;

import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Statements counted by verdict, by kind, and by the way Shardway took. Confined to one thread. */
public final class Tally {

    private final Map<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
    private final Map<String, Integer> ways = new TreeMap<>();
    private final Map<String, Integer> refusals = new TreeMap<>();
    private final Map<String, String> refused = new TreeMap<>();
    private final Map<String, Integer> errors = new TreeMap<>();

    void count(Verdict verdict) {
        verdicts.merge(verdict, 1, Integer::sum);
    }

    void countWay(String way) {
        ways.merge(way, 1, Integer::sum);
    }

    void countError(String number) {
        errors.merge(number, 1, Integer::sum);
    }

    void countRefusal(String code, String statement) {
        refusals.merge(code, 1, Integer::sum);
        refused.putIfAbsent(code, statement);
    }

    public int of(Verdict verdict) {
        return verdicts.getOrDefault(verdict, 0);
    }

    public int all() {
        return verdicts.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** How many of those whose way was asked took this one: relay, scatter, finish, assemble. */
    public int ofWay(String way) {
        return ways.getOrDefault(way, 0);
    }

    /** Several lines. */
    public String report() {
        int asked = ways.values().stream().mapToInt(Integer::intValue).sum();
        return """
        statements %,d: equal %,d, the same error %,d, other types %,d, other members \
        %,d, MySQL's fault %,d, too slow %,d, refused %,d, different %,d
        ways: %s
        MySQL's errors: %s
        refused: %s
        """
                .formatted(
                        all(),
                        of(Verdict.EQUAL),
                        of(Verdict.SAME_ERROR),
                        of(Verdict.OTHER_TYPES),
                        of(Verdict.OTHER_MEMBERS),
                        of(Verdict.MYSQLS_FAULT),
                        of(Verdict.TOO_SLOW),
                        of(Verdict.REFUSED),
                        of(Verdict.DIFFERENT),
                        ways.entrySet().stream()
                                .map(way ->
                                        "%s %.1f %%"
                                                .formatted(
                                                        way.getKey(),
                                                        100.0 * way.getValue() / asked))
                                .collect(Collectors.joining(", ")),
                        errors,
                        refusals.isEmpty() ? "nothing" : refusals + ", such as " + refused);
    }
}
