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

    /** Names may hold any character, node names may not: what is not a plain letter is encoded. */
    String keyspace(String name) {
        String encoded = URLEncoder.encode(name, StandardCharsets.UTF_8).replace(".", "%2E");
        return keyspaces() + "/" + encoded;
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
