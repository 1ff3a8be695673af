package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.backend.LeaseReceiver;
import io.shardway.proxy.backend.NodePool;
import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.protocol.TextResult;
import io.shardway.proxy.session.Diagnostics;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Access;
import io.shardway.router.plan.Plan;
import io.shardway.router.plan.StoredObject;
import io.shardway.router.plan.Traits;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A view, routine, trigger or event is made, changed or dropped: by the owner account, with the
 * session's settings, and with the keyspace's own account as definer. Confined to its event loop.
 *
 * <p>It runs on a connection of its own; the session's transaction is committed before, as MySQL
 * does.
 */
final class StoredRun implements LeaseReceiver {

    private static final int NAME_CHARACTERS = 64;
    private static final int CHARSET_CHARACTERS = 32;
    private static final int NOT_NULL = 1;

    private final StatementRunner runner;
    private final Plan.Stored plan;
    private final ByteBuf framed;
    private final ShardId shard;
    private final CallScope scope;
    private final boolean ofProcedure;
    private Optional<BackendConnection> connection = Optional.empty();

    private StoredRun(
            StatementRunner runner, Plan.Stored plan, ByteBuf framed, boolean ofProcedure) {
        this.runner = runner;
        this.plan = plan;
        this.framed = framed;
        this.shard = runner.defaultShard();
        this.scope = runner.scopes().owner();
        this.ofProcedure = ofProcedure;
    }

    /**
     * @param framed the whole command; taken over
     * @param to where the statement in {@code text} ends, its body included
     */
    static void start(
            StatementRunner runner,
            ProxyServices services,
            Plan.Stored plan,
            ByteBuf framed,
            byte[] text,
            int from,
            int to) {
        framed.release();
        StoredObject object =
                StoredObject.read(
                        text,
                        from,
                        runner.loop().lexer().statementEnd(),
                        runner.session().profile().dialect());
        String definer = services.keyspaces().definerOf(plan.keyspace());
        byte[] written = object.definedBy(definer, text, from, to);
        ByteBuf command = runner.commandOf(written, 0, written.length);
        new StoredRun(runner, plan, command, object.kind().equals("procedure")).begin();
    }

    private void begin() {
        Session session = runner.session();
        if (plan.access() == Access.READ) {
            lease();
        } else if (session.transaction().isTablesLocked()) {
            refuse(ErrorCode.TABLES_LOCKED, "");
        } else {
            runner.control().endTransaction(true, this::lease, framed::release);
        }
    }

    private void refuse(ErrorCode code, String detail) {
        framed.release();
        runner.fail(code, detail);
    }

    private void lease() {
        NodePool pool = runner.loop().primaries().get(shard);
        if (pool == null) {
            refuse(ErrorCode.BACKEND_UNAVAILABLE, "shard " + shard + " is not in the topology");
            return;
        }
        pool.lease(scope.flavour(), runner.session().profile(), this);
    }

    @Override
    public void refused(ShardwayException reason) {
        refuse(reason.code(), reason.detail());
    }

    @Override
    public void leased(BackendConnection leased) {
        connection = Optional.of(leased);
        leased.usedBy(runner::bug);
        new MakeReady(
                        runner.session(),
                        leased,
                        Traits.NONE,
                        NoCommand.INSTANCE,
                        () -> send(leased),
                        answer -> {
                            framed.release();
                            failed(answer, ErrorCode.BACKEND_UNAVAILABLE);
                        })
                .in(scope)
                .withoutBeginning()
                .next();
    }

    private void send(BackendConnection leased) {
        leased.collect(
                framed,
                AnswerKind.RESULTS,
                answer -> {
                    switch (answer) {
                        case CollectedAnswer.Ok(var packet) -> done(leased, packet);
                        case CollectedAnswer.Rows rows -> {
                            giveBack();
                            show(rows);
                        }
                        case CollectedAnswer.Refused _, CollectedAnswer.Lost _ ->
                                failed(
                                        answer,
                                        plan.access() == Access.READ
                                                ? ErrorCode.BACKEND_LOST
                                                : ErrorCode.OUTCOME_UNKNOWN);
                        case CollectedAnswer.Prepared _ ->
                                throw new IllegalStateException("nothing was prepared");
                    }
                });
    }

    private void failed(CollectedAnswer answer, ErrorCode ifLost) {
        giveBack();
        if (answer instanceof CollectedAnswer.Lost) {
            runner.count(ifLost);
        }
        runner.failWith(Borrow.errorOf(answer, ifLost, "shard " + shard));
    }

    private void giveBack() {
        connection.ifPresent(used -> runner.giveBack(shard, used));
    }

    private void done(BackendConnection leased, OkPacket packet) {
        DiagnosticsReader.ask(
                runner,
                leased,
                packet.warnings(),
                known -> {
                    if (!known) {
                        leased.close();
                    }
                    giveBack();
                    ok(packet);
                });
    }

    private void ok(OkPacket packet) {
        runner.ok(
                new OkPacket(
                        packet.affectedRows(),
                        0,
                        runner.status(),
                        packet.warnings(),
                        packet.info(),
                        List.of()));
    }

    /** SHOW CREATE PROCEDURE or FUNCTION, which only owners and definers may read. */
    private void show(CollectedAnswer.Rows rows) {
        String kind = ofProcedure ? "Procedure" : "Function";
        var columns =
                List.of(
                        column(kind, NAME_CHARACTERS),
                        column("sql_mode", charactersOf(rows.cell(0, 1))),
                        ColumnDefinition.text("Create " + kind),
                        column("character_set_client", CHARSET_CHARACTERS),
                        column("collation_connection", CHARSET_CHARACTERS),
                        column("Database Collation", CHARSET_CHARACTERS));
        var result = new TextResult(columns);
        for (int row = 0; row < rows.rowCount(); row++) {
            Object[] cells = new Object[columns.size()];
            for (int column = 0; column < cells.length; column++) {
                byte[] cell = rows.cell(row, column);
                cells[column] = cell;
            }
            result.row(cells);
        }
        runner.session().diagnosticsAre(Diagnostics.NONE);
        new TableAnswer(runner).send(result, rows.rowCount());
    }

    private static int charactersOf(byte @Nullable [] cell) {
        return cell == null ? 0 : cell.length;
    }

    private static ColumnDefinition column(String name, int characters) {
        ColumnDefinition nullable = ColumnDefinition.text(name, characters);
        return new ColumnDefinition(
                "",
                "",
                "",
                name,
                "",
                nullable.characterSet(),
                nullable.length(),
                nullable.type(),
                NOT_NULL,
                nullable.decimals());
    }
}
