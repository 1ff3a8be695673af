package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.backend.PreparedKey;
import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.proxy.protocol.Commands;
import io.shardway.proxy.session.Session;
import io.shardway.proxy.session.Transaction;
import io.shardway.router.plan.Traits;
import io.shardway.router.sql.QuotedName;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Brings a leased connection to where its session is: schema, settings, prepared statement,
 * transaction. Each step is awaited before the next, so that no statement ever runs under settings
 * or outside a transaction it does not expect. Confined to its event loop.
 */
final class MakeReady {

    private static final int TOO_MANY_STATEMENTS = 1461;

    private final Session session;
    private final BackendConnection connection;
    private final Traits traits;
    private final BackendCommand command;
    private final Runnable ready;
    private final Consumer<CollectedAnswer> failed;
    private final ArrayDeque<String> beginning = new ArrayDeque<>();
    private String schema;
    private UnaryOperator<SettingsProfile> settings = UnaryOperator.identity();
    private boolean begun;
    private boolean insertIdSet;
    private boolean prepareTriedAgain;

    MakeReady(
            Session session,
            BackendConnection connection,
            Traits traits,
            BackendCommand command,
            Runnable ready,
            Consumer<CollectedAnswer> failed) {
        this.session = session;
        this.connection = connection;
        this.traits = traits;
        this.command = command;
        this.ready = ready;
        this.failed = failed;
        this.schema = session.schema();
    }

    /** In another schema than the session's current one. */
    MakeReady in(CallScope scope) {
        schema = scope.schema();
        return this;
    }

    /** Under settings made from the session's. */
    MakeReady under(UnaryOperator<SettingsProfile> changed) {
        settings = changed;
        return this;
    }

    static boolean isNeeded(
            Session session,
            BackendConnection connection,
            Traits traits,
            BackendCommand command,
            CallScope scope) {
        Transaction transaction = session.transaction();
        PreparedKey key = command.needsPrepared();
        return connection.profile() != session.profile()
                || !connection.schema().equals(scope.schema())
                || traits.lastInsertId()
                || InsertIds.mustForget(connection, traits)
                || (transaction.isExplicit() && !connection.inTransaction())
                || !transaction.nextCharacteristics().isEmpty()
                || !transaction.characteristics().isEmpty()
                || (!transaction.savepoints().isEmpty() && !connection.inTransaction())
                || (key != null && connection.prepared(key).isEmpty())
                || isUnnamed(connection, command);
    }

    private static boolean isUnnamed(BackendConnection connection, BackendCommand command) {
        PreparedKey key = command.needsNamed();
        return key != null && !connection.hasNamed(key);
    }

    /** Only schema and settings; the transaction is left alone. */
    MakeReady withoutBeginning() {
        begun = true;
        return this;
    }

    void next() {
        if (isUnnamed(connection, command)) {
            prepareNamed(command.needsNamed());
            return;
        }
        PreparedKey key = unprepared();
        if (align(
                key == null || !key.schema().equals(schema) && isPlain() ? schema : key.schema(),
                settings.apply(key == null ? session.profile() : key.profile()))) {
            return;
        }
        if (traits.lastInsertId() && !insertIdSet) {
            insertIdSet = true;
            connection.namedIs(Optional.empty());
            if (command.needsPrepared() != null) {
                connection.forget(
                        command.needsPrepared()); // MySQL may fold the function when it prepares.
            }
            run("SET @@SESSION.last_insert_id = " + Long.toUnsignedString(session.lastInsertId()));
            return;
        }
        if (!insertIdSet && InsertIds.mustForget(connection, traits)) {
            insertIdSet = true;
            connection.query(
                    InsertIds.FORGET, answer -> stepped(answer, () -> connection.insertIdLeft(0)));
            return;
        }
        if (key != null) {
            prepare(key);
            return;
        }
        if (!begun) {
            begun = true;
            planBeginning();
        }
        String step = beginning.poll();
        if (step != null) {
            run(step);
            return;
        }
        ready.run();
    }

    /** Under a plain keyspace's account no other schema can be chosen. */
    private boolean isPlain() {
        return connection.flavour().account().isPlain();
    }

    private @Nullable PreparedKey unprepared() {
        PreparedKey key = command.needsPrepared();
        return key == null || connection.prepared(key).isPresent() ? null : key;
    }

    /** Whether a step towards schema and settings is under way. */
    private boolean align(String schema, SettingsProfile profile) {
        if (!schema.isEmpty() && !connection.schema().equals(schema)) {
            connection.initSchema(
                    schema, answer -> stepped(answer, () -> connection.schemaIs(schema)));
            return true;
        }
        if (connection.profile() != profile) {
            Optional<String> difference = profile.differenceFrom(connection.profile());
            if (difference.isPresent()) {
                connection.query(
                        difference.get(),
                        answer -> stepped(answer, () -> connection.profileIs(profile)));
                return true;
            }
            connection.profileIs(profile);
        }
        return false;
    }

    /** Under the schema and settings of the client's PREPARE; those of EXECUTE come after it. */
    private void prepareNamed(PreparedKey key) {
        if (align(key.schema(), settings.apply(key.profile()))) {
            return;
        }
        connection.query(
                NamedCommand.prepareText(key),
                answer -> {
                    boolean done = answer instanceof CollectedAnswer.Ok;
                    connection.namedIs(done ? Optional.of(key) : Optional.empty());
                    stepped(answer, () -> {});
                });
    }

    private void prepare(PreparedKey key) {
        byte[] sql = key.sql();
        ByteBuf framed = LargePackets.command(connection.allocator(), Commands.STMT_PREPARE, sql);
        connection.collect(
                framed,
                AnswerKind.PREPARED,
                answer -> {
                    switch (answer) {
                        case CollectedAnswer.Prepared prepared -> {
                            connection.remember(key, prepared.statementId());
                            next();
                        }
                        case CollectedAnswer.Refused refused -> {
                            if (refused.code() == TOO_MANY_STATEMENTS && !prepareTriedAgain) {
                                prepareTriedAgain = true;
                                connection.forgetStatements();
                                next();
                            } else {
                                failed.accept(refused);
                            }
                        }
                        case CollectedAnswer.Lost lost -> failed.accept(lost);
                        case CollectedAnswer.Ok _, CollectedAnswer.Rows _ ->
                                failed.accept(
                                        new CollectedAnswer.Lost(
                                                new IOException("PREPARE answered oddly")));
                    }
                });
    }

    private void planBeginning() {
        if (connection.inTransaction()) {
            return;
        }
        Transaction transaction = session.transaction();
        if (!transaction.isExplicit() && !transaction.nextCharacteristics().isEmpty()) {
            transaction.useNext();
        }
        if (!transaction.characteristics().isEmpty()) {
            beginning.add("SET TRANSACTION " + transaction.characteristics());
        }
        if (transaction.isExplicit()) {
            beginning.add(transaction.beginText());
        }
        for (String savepoint : transaction.savepoints()) {
            beginning.add("SAVEPOINT " + QuotedName.of(savepoint));
        }
    }

    private void run(String sql) {
        connection.query(sql, answer -> stepped(answer, () -> {}));
    }

    private void stepped(CollectedAnswer answer, Runnable done) {
        switch (answer) {
            case CollectedAnswer.Ok(var packet) -> {
                connection.statusIs(packet.status());
                done.run();
                next();
            }
            case CollectedAnswer.Refused refused -> failed.accept(refused);
            case CollectedAnswer.Lost lost -> failed.accept(lost);
            case CollectedAnswer.Rows _, CollectedAnswer.Prepared _ ->
                    failed.accept(
                            new CollectedAnswer.Lost(new IOException("a step answered with rows")));
        }
    }
}
