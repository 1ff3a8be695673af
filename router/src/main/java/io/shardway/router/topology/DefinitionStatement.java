package io.shardway.router.topology;

import java.util.Map;

/**
 * A definition as a client sent it, and what shapes it besides its text. Immutable.
 *
 * @param keyspace whose tables it defines
 * @param schema the client's current keyspace, in which unqualified names are; empty for none
 * @param text without a semicolon at its end
 * @param settings session variables as literals ready for SET
 * @param account who sent it
 */
public record DefinitionStatement(
        String keyspace, String schema, String text, Map<String, String> settings, String account) {

    public DefinitionStatement {
        settings = Map.copyOf(settings);
    }
}
