package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.protocol.ServerStatus;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Plan;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * CREATE TABLE and DROP TABLE: the statement as written on each of the table's shards, the default
 * shard first; then the topology. Confined to its event loop.
 *
 * <p>When a later shard refuses a CREATE TABLE, the tables made before are dropped again; what
 * could not be undone is named in the error.
 */
final class DefinitionRun {

    private final StatementRunner runner;
    private final Definitions definitions;
    private final Plan.Definition definition;
    private final ByteBuf framed;
    private final ArrayDeque<ShardId> pending = new ArrayDeque<>();
    private final List<ShardId> done = new ArrayList<>();
    private Optional<OkPacket> ok = Optional.empty();

    DefinitionRun(
            StatementRunner runner,
            Definitions definitions,
            Plan.Definition definition,
            ByteBuf framed) {
        this.runner = runner;
        this.definitions = definitions;
        this.definition = definition;
        this.framed = framed;
    }

    void start() {
        Optional<ShardwayException> obstacle = definitions.obstacle();
        if (obstacle.isPresent()) {
            framed.release();
            runner.fail(obstacle.get().code(), obstacle.get().detail());
            return;
        }
        pending.addAll(definitions.shardsOf(definition, runner.loop().serving()));
        runner.control().endTransaction(true, this::next, framed::release);
    }

    private void next() {
        ShardId shard = pending.poll();
        if (shard == null) {
            framed.release();
            publish();
            return;
        }
        Borrow.borrow(
                runner,
                shard,
                connection -> send(shard, connection),
                packet -> undo(packet, shard));
    }

    private void send(ShardId shard, BackendConnection connection) {
        connection.collect(
                framed.retainedDuplicate(),
                AnswerKind.RESULTS,
                answer -> {
                    if (answer instanceof CollectedAnswer.Ok(var packet)) {
                        ok = Optional.of(packet);
                        connection.statusIs(packet.status());
                        done.add(shard);
                        readWarnings(shard, connection, packet);
                    } else {
                        Borrow.giveBack(runner, shard, connection);
                        undo(
                                Borrow.errorOf(answer, ErrorCode.OUTCOME_UNKNOWN, "shard " + shard),
                                shard);
                    }
                });
    }

    private void readWarnings(ShardId shard, BackendConnection connection, OkPacket packet) {
        DiagnosticsReader.ask(
                runner,
                connection,
                packet.warnings(),
                _ -> {
                    Borrow.giveBack(runner, shard, connection);
                    next();
                });
    }

    private void undo(ErrPacket problem, ShardId failedOn) {
        framed.release();
        if (done.isEmpty()) {
            runner.failWith(problem);
            return;
        }
        switch (definition) {
            case Plan.Definition.Create create when !create.ifNotExists() ->
                    undoNext(new ArrayDeque<>(done), new ArrayList<>(), create, problem, failedOn);
            case Plan.Definition.Create _, Plan.Definition.Drop _ ->
                    halfDone(problem, failedOn, done);
        }
    }

    private void undoNext(
            ArrayDeque<ShardId> made,
            List<ShardId> left,
            Plan.Definition.Create create,
            ErrPacket problem,
            ShardId failedOn) {
        ShardId shard = made.poll();
        if (shard == null) {
            if (left.isEmpty()) {
                runner.failWith(problem);
            } else {
                halfDone(problem, failedOn, left);
            }
            return;
        }
        String drop =
                "DROP TABLE `%s`.`%s`"
                        .formatted(
                                create.keyspace().replace("`", "``"),
                                create.table().replace("`", "``"));
        Borrow.borrow(
                runner,
                shard,
                connection ->
                        connection.query(
                                drop,
                                answer -> {
                                    if (!(answer instanceof CollectedAnswer.Ok)) {
                                        left.add(shard);
                                    }
                                    Borrow.giveBack(runner, shard, connection);
                                    undoNext(made, left, create, problem, failedOn);
                                }),
                _ -> {
                    left.add(shard);
                    undoNext(made, left, create, problem, failedOn);
                });
    }

    /** The shards have it, the topology does not, or nobody knows. */
    private void notPublished(ShardwayException problem) {
        ErrPacket packet = ErrPacket.of(problem.code(), problem.detail());
        boolean surelyNot =
                problem.code() == ErrorCode.TOPOLOGY_UNAVAILABLE
                        || problem.code() == ErrorCode.TOPOLOGY_CONFLICT;
        if (!surelyNot) {
            runner.fail(problem.code(), problem.detail());
            return;
        }
        switch (definition) {
            case Plan.Definition.Create create when !create.ifNotExists() -> {
                runner.count(problem.code());
                undoNext(
                        new ArrayDeque<>(done), new ArrayList<>(), create, packet, done.getFirst());
            }
            case Plan.Definition.Create _, Plan.Definition.Drop _ ->
                    runner.fail(
                            ErrorCode.DEFINITION_HALF_DONE,
                            "done on %s, but not in the topology: %s"
                                    .formatted(done, packet.text()));
        }
    }

    private void halfDone(ErrPacket problem, ShardId failedOn, List<ShardId> left) {
        runner.fail(
                ErrorCode.DEFINITION_HALF_DONE,
                "done on %s, failed on %s: %s".formatted(left, failedOn, problem.text()));
    }

    private void publish() {
        runner.routeDone();
        definitions.publish(
                definition,
                problem ->
                        runner.client()
                                .eventLoop()
                                .execute(() -> {
                                    if (problem.isPresent()) {
                                        notPublished(problem.get());
                                        return;
                                    }
                                    OkPacket packet = ok.orElseThrow();
                                    int status =
                                            runner.session().status()
                                                    | (runner.hasMoreStatements()
                                                            ? ServerStatus.MORE_RESULTS
                                                            : 0);
                                    runner.ok(
                                            new OkPacket(
                                                    0,
                                                    0,
                                                    status,
                                                    packet.warnings(),
                                                    packet.info(),
                                                    List.of()));
                                }));
    }
}
