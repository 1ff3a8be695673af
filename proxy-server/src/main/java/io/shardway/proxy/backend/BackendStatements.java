package io.shardway.proxy.backend;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * The statements prepared on one backend connection and shared by their text; the least recently
 * used one is closed when there are too many. Confined to its event loop.
 */
final class BackendStatements {

    private final int max;
    private final LongConsumer close;
    private final Map<PreparedKey, BackendStatement> statements =
            new LinkedHashMap<>(16, 0.75f, true);

    /**
     * @param close closes the statement with this id on the node; goes out with the next command
     */
    BackendStatements(int max, LongConsumer close) {
        this.max = Math.max(1, max);
        this.close = close;
    }

    Optional<BackendStatement> find(PreparedKey key) {
        return Optional.ofNullable(statements.get(key));
    }

    BackendStatement add(PreparedKey key, long statementId) {
        makeRoom();
        var statement = new BackendStatement(statementId);
        statements.put(key, statement);
        return statement;
    }

    /** It is no longer shared; nor closed. */
    Optional<BackendStatement> take(PreparedKey key) {
        return Optional.ofNullable(statements.remove(key));
    }

    /** False if there is another one of its text by now. */
    boolean giveBack(PreparedKey key, BackendStatement statement) {
        if (statements.containsKey(key)) {
            return false;
        }
        makeRoom();
        statements.put(key, statement);
        return true;
    }

    private void makeRoom() {
        if (statements.size() >= max) {
            var eldest = statements.entrySet().iterator().next();
            statements.remove(eldest.getKey());
            close.accept(eldest.getValue().id());
        }
    }

    void closeAll() {
        statements.values().forEach(statement -> close.accept(statement.id()));
        statements.clear();
    }
}
