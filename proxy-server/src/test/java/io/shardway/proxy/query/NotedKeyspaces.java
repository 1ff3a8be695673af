package io.shardway.proxy.query;

import java.util.Optional;

/** Does nothing but tell what it was asked. */
final class NotedKeyspaces implements KeyspaceAdmin {

    @Override
    public String create(String name, String shardKey, boolean ifNotExists) {
        return "create " + name + " by " + shardKey + (ifNotExists ? " if not there" : "");
    }

    @Override
    public String alter(String name, Optional<String> shardKey) {
        return "alter " + name + " " + shardKey.orElse("plain");
    }
}
