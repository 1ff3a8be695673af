package io.shardway.proxy.execution;

import io.shardway.proxy.backend.BackendAccount;
import io.shardway.proxy.backend.BackendFlavour;

/**
 * Whose connection a statement needs, and in which schema. Immutable.
 *
 * @param schema the connection's default schema; empty for none
 */
record CallScope(BackendFlavour flavour, String schema) {

    BackendAccount account() {
        return flavour.account();
    }
}
