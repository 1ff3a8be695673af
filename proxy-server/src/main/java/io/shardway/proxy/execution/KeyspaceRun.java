package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.session.Diagnostics;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import io.shardway.router.plan.KeyspaceDefinition;
import java.util.List;

/** CREATE, ALTER and DROP DATABASE of one session. Confined to its event loop. */
final class KeyspaceRun {

    private static final int EXISTS = 1007;
    private static final int MISSING = 1008;
    private static final int UNKNOWN = 1049;

    private final StatementRunner runner;
    private final Keyspaces keyspaces;

    KeyspaceRun(StatementRunner runner, Keyspaces keyspaces) {
        this.runner = runner;
        this.keyspaces = keyspaces;
    }

    void start(KeyspaceDefinition definition) {
        Session session = runner.session();
        if (session.transaction().isTablesLocked()) {
            runner.fail(ErrorCode.TABLES_LOCKED, "");
            return;
        }
        runner.control()
                .endTransaction(
                        true,
                        () -> {
                            // The change is served only when the statements before it have ended.
                            runner.routeDone();
                            keyspaces.define(
                                    definition,
                                    outcome ->
                                            runner.client()
                                                    .eventLoop()
                                                    .execute(() -> answer(definition, outcome)));
                        },
                        () -> {});
    }

    private void answer(KeyspaceDefinition definition, Keyspaces.Outcome outcome) {
        switch (outcome) {
            case Keyspaces.Outcome.Done(long affectedRows) -> {
                runner.session().diagnosticsAre(Diagnostics.NONE);
                forgetDropped(definition);
                ok(affectedRows, 0);
            }
            case Keyspaces.Outcome.Exists _ -> exists(definition);
            case Keyspaces.Outcome.Missing _ -> missing(definition);
            case Keyspaces.Outcome.RefusedByNode(int code, String state, String message) ->
                    runner.failWith(new ErrPacket(code, state, message.getBytes(UTF_8)));
            case Keyspaces.Outcome.Failed(var reason) ->
                    runner.fail(reason.code(), reason.detail());
        }
    }

    /** After the current keyspace is dropped, no other is chosen. */
    private void forgetDropped(KeyspaceDefinition definition) {
        if (definition instanceof KeyspaceDefinition.Drop drop
                && runner.session().schema().equals(drop.name())) {
            runner.session().schemaIs("");
        }
    }

    private void exists(KeyspaceDefinition definition) {
        String message = "Can't create database '" + definition.name() + "'; database exists";
        boolean tolerated =
                definition instanceof KeyspaceDefinition.Create create && create.ifNotExists();
        noteOrError(EXISTS, "HY000", message, tolerated, 1);
    }

    private void missing(KeyspaceDefinition definition) {
        switch (definition) {
            case KeyspaceDefinition.Drop drop -> {
                String message =
                        "Can't drop database '" + drop.name() + "'; database doesn't exist";
                noteOrError(MISSING, "HY000", message, drop.ifExists(), 0);
            }
            case KeyspaceDefinition.Alter _, KeyspaceDefinition.Create _ ->
                    noteOrError(
                            UNKNOWN,
                            "42000",
                            "Unknown database '" + definition.name() + "'",
                            false,
                            0);
        }
    }

    private void noteOrError(
            int code, String state, String message, boolean tolerated, long affectedRows) {
        if (!tolerated) {
            runner.failWith(new ErrPacket(code, state, message.getBytes(UTF_8)));
            return;
        }
        runner.session()
                .diagnosticsAre(
                        new Diagnostics(List.of(new Diagnostics.Condition("Note", code, message))));
        ok(affectedRows, 1);
    }

    private void ok(long affectedRows, int warnings) {
        runner.ok(new OkPacket(affectedRows, 0, runner.status(), warnings, new byte[0], List.of()));
    }
}
