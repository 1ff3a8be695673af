package io.shardway.router.plan;

/** What a statement does to a whole keyspace. Immutable. */
public sealed interface KeyspaceDefinition {

    String name();

    /**
     * CREATE DATABASE: a plain keyspace.
     *
     * @param options canonical, such as {@code CHARACTER SET utf8mb4}; empty for none
     */
    record Create(String name, boolean ifNotExists, String options) implements KeyspaceDefinition {}

    /** ALTER DATABASE; the options as in {@link Create}. */
    record Alter(String name, String options) implements KeyspaceDefinition {}

    record Drop(String name, boolean ifExists) implements KeyspaceDefinition {}
}
