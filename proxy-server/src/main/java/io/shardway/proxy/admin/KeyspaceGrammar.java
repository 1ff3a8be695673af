package io.shardway.proxy.admin;

import java.util.Optional;

/** Reads SHARDWAY CREATE and ALTER KEYSPACE behind their first words. Stateless. */
final class KeyspaceGrammar {

    private KeyspaceGrammar() {}

    static AdminRequest.OfKeyspace read(AdminStatement statement, AdminText text) {
        boolean creates = statement == AdminStatement.CREATE_KEYSPACE;
        boolean ifNotExists = creates && text.reader().take("if", "not", "exists");
        String name = text.reader().takeName().orElseThrow(() -> text.wrong("a name is missing"));
        Optional<String> shardKey = Optional.empty();
        if (creates || !text.reader().take("plain")) {
            if (!text.reader().take("shard", "key")) {
                throw text.wrong("the shard key is missing");
            }
            shardKey = text.reader().takeName();
            if (shardKey.isEmpty()) {
                throw text.wrong("the name of a column is missing");
            }
        }
        text.requireEnd();
        return new AdminRequest.OfKeyspace(statement, name, shardKey, ifNotExists);
    }
}
