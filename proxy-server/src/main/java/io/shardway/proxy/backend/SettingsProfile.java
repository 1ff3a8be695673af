package io.shardway.proxy.backend;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.shardway.router.sql.Charsets;
import io.shardway.router.sql.QuotedName;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.TextEncoding;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;

/**
 * The session and user variables that differ from a node's defaults, as literals ready for SET.
 * Immutable, and interned: sessions with equal settings share one object, so that the usual
 * comparison with a backend connection is by reference.
 *
 * <p>Keys are variable names in lower case; user variables begin with {@code @}. The schema is not
 * part of it.
 */
public final class SettingsProfile {

    private static final int INTERNED_MAX = 10_000;

    /**
     * MySQL keeps them as bits of the opposite meaning; SET ... = DEFAULT turns them off (seen on
     * 8.0.31).
     */
    private static final Set<String> DEFAULT_IS_INVERTED =
            Set.of("autocommit", "foreign_key_checks", "unique_checks");

    /**
     * After a plain NULL a user variable would keep the type that it had for another session. One
     * that was never set tells the same character set as this.
     */
    private static final String UNSET = "CAST(NULL AS BINARY)";

    private static final Cache<Map<String, String>, SettingsProfile> INTERNED =
            Caffeine.newBuilder().maximumSize(INTERNED_MAX).weakValues().build();

    /** Nothing differs. */
    public static final SettingsProfile EMPTY = of(Map.of());

    private final Map<String, String> literals;
    private final SqlDialect dialect;
    private final long userVariableChars;

    private SettingsProfile(Map<String, String> literals) {
        this.literals = literals;
        this.dialect = dialectOf(literals);
        this.userVariableChars =
                literals.entrySet().stream()
                        .filter(entry -> entry.getKey().startsWith("@"))
                        .mapToLong(entry -> entry.getValue().length())
                        .sum();
    }

    public static SettingsProfile of(Map<String, String> literals) {
        Map<String, String> copy = Collections.unmodifiableMap(new TreeMap<>(literals));
        return INTERNED.get(copy, SettingsProfile::new);
    }

    /**
     * This profile with some variables changed; an empty value means the node's default (NULL for a
     * user variable).
     */
    public SettingsProfile with(Map<String, Optional<String>> changes) {
        if (changes.isEmpty()) {
            return this;
        }
        var changed = new TreeMap<>(literals);
        changes.forEach((name, value) ->
                value.ifPresentOrElse(v -> changed.put(name, v), () -> changed.remove(name)));
        return of(changed);
    }

    public Optional<String> literal(String variable) {
        return Optional.ofNullable(literals.get(variable));
    }

    /** The session variables, without user variables, as literals ready for SET. */
    public Map<String, String> sessionVariables() {
        var variables = new TreeMap<>(literals);
        variables.keySet().removeIf(name -> name.startsWith("@"));
        return variables;
    }

    public int size() {
        return literals.size();
    }

    public long userVariableCount() {
        return literals.keySet().stream().filter(name -> name.startsWith("@")).count();
    }

    /** How long the literals of the user variables are; of a text two for each byte. */
    public long userVariableChars() {
        return userVariableChars;
    }

    /** How SQL text is read under these settings. */
    public SqlDialect dialect() {
        return dialect;
    }

    /** Whether autocommit is on. */
    public boolean autocommit() {
        String value = literals.get("autocommit");
        return value == null
                || !(value.equals("'OFF'") || value.equals("0") || value.equals("OFF"));
    }

    /**
     * The SET statement that turns a connection with the applied profile into this one; empty if
     * they are equal.
     */
    public Optional<String> differenceFrom(SettingsProfile applied) {
        if (applied == this || applied.literals.equals(literals)) {
            return Optional.empty();
        }
        var assignments = new StringJoiner(", ", "SET ", "");
        literals.forEach((name, literal) -> {
            if (!literal.equals(applied.literals.get(name))) {
                assignments.add(target(name) + " = " + literal);
            }
        });
        applied.literals
                .keySet()
                .forEach(name -> {
                    if (!literals.containsKey(name)) {
                        assignments.add(target(name) + " = " + unset(name));
                    }
                });
        return Optional.of(assignments.toString());
    }

    private static String unset(String name) {
        if (name.startsWith("@")) {
            return UNSET;
        }
        return DEFAULT_IS_INVERTED.contains(name) ? "@@GLOBAL." + name : "DEFAULT";
    }

    private static String target(String name) {
        return name.startsWith("@") ? "@" + QuotedName.of(name.substring(1)) : "@@SESSION." + name;
    }

    private static SqlDialect dialectOf(Map<String, String> literals) {
        String mode = literals.getOrDefault("sql_mode", "");
        String client = literals.getOrDefault("character_set_client", "'utf8mb4'");
        String connection = literals.getOrDefault("collation_connection", "'utf8mb4'");
        TextEncoding encoding = Charsets.encodingOf(client.replace("'", ""));
        return new SqlDialect(
                mode.contains("ANSI_QUOTES"),
                mode.contains("NO_BACKSLASH_ESCAPES"),
                mode.contains("PIPES_AS_CONCAT"),
                encoding,
                encoding == TextEncoding.UTF8 && connection.startsWith("'utf8"),
                SqlDialect.DEFAULT.serverVersion());
    }

    @Override
    public String toString() {
        return literals.toString();
    }
}
