package io.shardway.router.topology.zookeeper;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Where things lie under the root. Immutable. */
record Paths(String root) {

    String format() {
        return root + "/format";
    }

    String topology() {
        return root + "/topology";
    }

    String keyspaces() {
        return root + "/keyspaces";
    }

    String keyspace(String name) {
        return keyspaces() + "/" + encoded(name);
    }

    /** Names may hold any character, node names may not: what is not a plain letter is encoded. */
    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace(".", "%2E");
    }

    String definitions() {
        return root + "/definitions";
    }

    String definition(long number) {
        return definitions() + "/" + number;
    }

    String definitionLocks() {
        return root + "/definition-locks";
    }

    String definitionLock(String keyspace) {
        return definitionLocks() + "/" + encoded(keyspace);
    }

    String accounts() {
        return root + "/accounts";
    }

    String proxies() {
        return root + "/proxies";
    }

    String proxy(int number) {
        return proxies() + "/" + number;
    }

    String alive(int number) {
        return proxy(number) + "/alive";
    }

    String announced(int number) {
        return proxy(number) + "/announced";
    }

    String inbox(int number) {
        return proxy(number) + "/inbox";
    }
}
