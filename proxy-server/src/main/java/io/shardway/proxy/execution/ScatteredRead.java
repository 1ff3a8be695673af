package io.shardway.proxy.execution;

import io.netty.buffer.Unpooled;
import io.shardway.proxy.protocol.ColumnDefinition;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.session.ClientChannel;
import io.shardway.proxy.session.Diagnostics;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.plan.Access;
import io.shardway.router.plan.Scatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A read that the shards answer by themselves: each is sent the statement, and their rows go on to
 * the client as they come, or merged by their order, or combined. Holds a bounded number of bytes;
 * who is faster than the client or than the other shards is not read from. The first failure ends
 * it. Confined to its event loop.
 */
final class ScatteredRead implements RunningCall, ShardRows.Listener, ClientChannel.Flow {

    /** Warnings of deprecated words: every shard has the same ones. */
    private static final Set<Integer> OF_THE_TEXT = Set.of(1287, 1681, 3719, 3778);

    /** What max_error_count is unless it was set. */
    private static final int CONDITIONS_MAX = 1024;

    /** How far it has come. */
    private enum Stage {
        NEW,
        /** Rows are on their way. */
        READING,
        /** All rows were passed on; connections go back. */
        CLOSING,
        /** It failed, or another way is to be taken, and waits for what is still under way. */
        STOPPING,
        DONE
    }

    private final StatementRunner runner;
    private final Session session;
    private final ScatteredStatement statement;
    private final List<ShardRows> parts = new ArrayList<>();
    private final ArrayDeque<ShardRows> waiting = new ArrayDeque<>();
    private final ScatteredAnswer answer;

    private Stage stage = Stage.NEW;
    private List<byte[]> head = List.of();
    private Optional<RowOrder> order = Optional.empty();
    private Optional<PartialRows> partial = Optional.empty();

    /** Counts the rows that are skipped, while only these are read. */
    private Optional<DeepOffset> looking;

    /** What was counted, until it is known whether it still holds. */
    private Optional<DeepOffset> counted = Optional.empty();

    /** What comes is left out: all rows are read again. */
    private boolean again;

    private Optional<ErrPacket> failure = Optional.empty();
    private int unreleased;
    private boolean otherwise;
    private boolean slow;
    private boolean advancing;
    private boolean broken;

    ScatteredRead(StatementRunner runner, ScatteredStatement statement) {
        this.runner = runner;
        this.session = runner.session();
        this.statement = statement;
        this.answer = new ScatteredAnswer(runner, statement.range());
        this.looking = statement.deep();
    }

    @Override
    public void start() {
        Optional<ShardwayException> forbidden =
                TransactionRules.forbids(session, Access.READ, runner.defaultShard());
        if (forbidden.isPresent()) {
            refuse(forbidden.get().code(), forbidden.get().detail());
        } else if (session.transaction().isSnapshot()) {
            refuse(ErrorCode.NOT_OFFERED, "a consistent snapshot is one plain keyspace's");
        } else if (Assembly.findsLastIdByNull(session)) {
            refuse(ErrorCode.NOT_OFFERED, "reads over several shards with sql_auto_is_null");
        } else {
            stage = Stage.READING;
            statement.shards().forEach(this::addPart);
            unreleased = parts.size();
            nextPart();
        }
    }

    private void refuse(ErrorCode code, String detail) {
        stage = Stage.DONE;
        statement.release();
        runner.fail(code, detail);
    }

    private void addPart(ShardId shard) {
        var part =
                new ShardRows(
                        runner,
                        shard,
                        looking.map(DeepOffset::look).orElse(statement.command()),
                        profile -> AssemblySettings.scattered(profile, statement.waits()),
                        this);
        looking.filter(DeepOffset::usesSnapshot).ifPresent(_ -> part.useOwnSnapshot());
        parts.add(part);
        waiting.add(part);
    }

    /**
     * One after the other, in the order of the shards, so that no two statements wait in a ring.
     */
    private void nextPart() {
        ShardRows next = waiting.poll();
        if (next != null) {
            next.start();
        }
    }

    @Override
    public void connected() {
        if (stage == Stage.READING && !statement.locks()) {
            nextPart();
        }
    }

    /**
     * Rows are locked shard by shard, so that two such statements do not wait crosswise, as far as
     * the rows of one shard can wait here for those of the next.
     */
    private void lockOn(ShardRows part) {
        boolean newest = parts.indexOf(part) == parts.size() - waiting.size() - 1;
        if (!statement.locks() || stage != Stage.READING || !newest) {
            return;
        }
        if (!isOrdered() && answer.isComplete()) {
            unreleased -= waiting.size();
            parts.removeAll(waiting);
            waiting.clear();
        } else {
            nextPart();
        }
    }

    @Override
    public void described(ShardRows part, List<byte[]> packets) {
        if (stage != Stage.READING) {
            return;
        }
        if (!head.isEmpty()) {
            if (!isSameHead(packets)) {
                runner.count(ErrorCode.ASSEMBLY_FAILED);
                stop(
                        ErrPacket.of(
                                ErrorCode.ASSEMBLY_FAILED,
                                "table " + statement.plan().table() + " differs between shards"));
            }
            return;
        }
        head = List.copyOf(packets);
        List<ColumnDefinition> columns =
                packets.subList(1, packets.size()).stream()
                        .map(packet -> ColumnDefinition.read(Unpooled.wrappedBuffer(packet)))
                        .toList();
        if (isOrdered()) {
            Scatter plan = looking.map(DeepOffset::narrow).orElse(statement.plan());
            order = RowOrder.of(plan, columns, statement.binary());
        }
        if (isCombined()) {
            partial = PartialRows.of(statement.plan(), columns, statement.binary());
        }
        if (isOrdered() && order.isEmpty() || isCombined() && partial.isEmpty()) {
            otherwise = true;
            stopAll();
            return;
        }
        if (looking.isEmpty() && counted.isEmpty()) {
            answer.begin(head);
        }
    }

    private boolean isSameHead(List<byte[]> packets) {
        if (packets.size() != head.size()) {
            return false;
        }
        for (int packet = 0; packet < head.size(); packet++) {
            if (!Arrays.equals(packets.get(packet), head.get(packet))) {
                return false;
            }
        }
        return true;
    }

    private boolean isOrdered() {
        return isCombined() || !statement.plan().order().isEmpty();
    }

    private boolean isCombined() {
        return !statement.plan().parts().isEmpty();
    }

    @Override
    public void row(ShardRows part, byte[] payload) {
        if (stage != Stage.READING || again) {
            return;
        }
        if (isOrdered()) {
            part.hold(new ShardRows.Row(payload, order.orElseThrow().keyOf(payload)));
            if (part.isFull()) {
                lockOn(part);
            }
        } else {
            answer.row(payload);
            adjust();
        }
    }

    @Override
    public void readComplete() {
        advance();
    }

    @Override
    public void answered(ShardRows part) {
        lockOn(part);
        advance();
    }

    /** Passes on what can be; a client that keeps up again may call this from within. */
    private void advance() {
        if (advancing || stage != Stage.READING) {
            return;
        }
        advancing = true;
        try {
            boolean held;
            do {
                held = isOrdered() && isCountHeld() && merge();
                answer.flush();
            } while (held && !slow);
        } finally {
            advancing = false;
        }
        if (!slow && parts.stream().noneMatch(each -> each.isAwaited() || each.next() != null)) {
            if (looking.isPresent()) {
                readPages(looking.get());
            } else if (again) {
                readAll();
            } else {
                close();
            }
        }
    }

    /**
     * Passes on rows that surely come next, until a shard's next row is not known yet.
     *
     * @return whether a slow client stopped it before
     */
    private boolean merge() {
        while (!slow) {
            ShardRows least = null;
            for (ShardRows part : parts) {
                if (part.isAwaited()) {
                    return false;
                }
                if (part.next() != null && (least == null || isLess(part, least))) {
                    least = part;
                }
            }
            if (least == null) {
                return false;
            }
            ShardRows.Row row = Objects.requireNonNull(least.next());
            least.take();
            if (looking.isPresent()) {
                looking.get().next(least);
            } else {
                pass(row);
                adjust();
            }
        }
        return true;
    }

    private static boolean isLess(ShardRows part, ShardRows than) {
        return Arrays.compareUnsigned(
                        Objects.requireNonNull(part.next()).key(),
                        Objects.requireNonNull(than.next()).key())
                < 0;
    }

    private void pass(ShardRows.Row row) {
        if (partial.isPresent()) {
            partial.get().add(row.key(), row.payload()).ifPresent(answer::row);
        } else {
            answer.row(row.payload());
        }
    }

    /** Stops reading while the client does not keep up. */
    private void adjust() {
        if (!slow && !answer.isWritable()) {
            slow = true;
            runner.client().flow(this);
            parts.forEach(part -> part.clientIsSlow(true));
            answer.flush();
        }
    }

    @Override
    public void resumed() {
        if (slow) {
            slow = false;
            parts.forEach(part -> part.clientIsSlow(false));
            advance();
        }
    }

    /** It is known which rows are wanted of each shard. */
    private void readPages(DeepOffset found) {
        looking = Optional.empty();
        counted = Optional.of(found);
        readAgain(found::read);
    }

    /** Whether rows may be passed on, as far as what was counted before goes. */
    private boolean isCountHeld() {
        if (counted.isEmpty() || again) {
            return !again;
        }
        DeepOffset.Found found =
                head.isEmpty() ? DeepOffset.Found.NOT_YET : counted.get().check(parts);
        if (found == DeepOffset.Found.SAME) {
            answer.begunBehind(counted.get().skipped());
            answer.begin(head);
            counted = Optional.empty();
        } else if (found == DeepOffset.Found.CHANGED) {
            again = true;
            parts.forEach(ShardRows::drop);
        }
        return found == DeepOffset.Found.SAME;
    }

    /** What was counted does not hold any more. */
    private void readAll() {
        again = false;
        counted = Optional.empty();
        readAgain(_ -> statement.command());
    }

    private void readAgain(Function<ShardRows, BackendCommand> command) {
        head = List.of();
        order = Optional.empty();
        parts.forEach(part -> part.readAgain(command.apply(part)));
    }

    /** All rows were passed on. */
    private void close() {
        partial.flatMap(PartialRows::last).ifPresent(answer::row);
        stage = Stage.CLOSING;
        List.copyOf(parts).forEach(ShardRows::close);
    }

    @Override
    public void failed(ErrPacket reason) {
        stop(reason);
    }

    private void stop(ErrPacket reason) {
        if (stage == Stage.READING) {
            failure = Optional.of(reason);
            stopAll();
        }
    }

    private void stopAll() {
        stage = Stage.STOPPING;
        unreleased -= waiting.size();
        waiting.clear();
        List.copyOf(parts).forEach(ShardRows::stop);
        endIfQuiet();
    }

    @Override
    public void released(ShardRows part) {
        unreleased--;
        endIfQuiet();
    }

    private void endIfQuiet() {
        if (unreleased > 0 || (stage != Stage.STOPPING && stage != Stage.CLOSING)) {
            return;
        }
        boolean failed = stage == Stage.STOPPING;
        stage = Stage.DONE;
        if (broken) {
            statement.release();
        } else if (otherwise && failure.isEmpty() && runner.client().isOpen()) {
            runner.assembled();
            runner.start(statement.instead());
        } else {
            statement.release();
            finish(failed);
        }
    }

    private void finish(boolean failed) {
        if (failed) {
            answer.flush();
            runner.tell(failure.orElseGet(() -> ErrPacket.of(ErrorCode.QUERY_INTERRUPTED, "")));
        } else {
            answer.end(
                    parts.stream().mapToInt(ShardRows::status).reduce(0, (a, b) -> a | b),
                    warnings());
        }
        runner.callDone(failed, parts.stream().anyMatch(ShardRows::hasRolledBack));
    }

    /** Makes all parts' warnings the session's; returns how many there are. */
    private int warnings() {
        var conditions = new ArrayList<Diagnostics.Condition>();
        int count = 0;
        for (ShardRows part : parts) {
            boolean first = part == parts.getFirst();
            count += part.warnings();
            for (Diagnostics.Condition condition : part.diagnostics().conditions()) {
                if (first || !OF_THE_TEXT.contains(condition.code())) {
                    conditions.add(condition);
                } else {
                    count--;
                }
            }
        }
        List<Diagnostics.Condition> kept =
                conditions.subList(0, Math.min(conditions.size(), conditionsMax()));
        session.diagnosticsAre(kept.isEmpty() ? Diagnostics.NONE : new Diagnostics(kept));
        return count;
    }

    /** How many one MySQL would keep. */
    private int conditionsMax() {
        return session.profile()
                .literal("max_error_count")
                .map(Integer::parseInt)
                .orElse(CONDITIONS_MAX);
    }

    @Override
    public boolean answerBegun() {
        return answer.hasBegun();
    }

    @Override
    public String describe() {
        return switch (stage) {
            case NEW -> "routing";
            case READING -> slow ? "sending to client" : "reading from " + unreleased + " shards";
            case CLOSING -> "settling";
            case STOPPING -> "stopping";
            case DONE -> "";
        };
    }

    @Override
    public Optional<String> text() {
        return statement.command().text();
    }

    @Override
    public void interrupt() {
        if (stage == Stage.READING) {
            runner.count(ErrorCode.QUERY_INTERRUPTED);
            stop(ErrPacket.of(ErrorCode.QUERY_INTERRUPTED, ""));
        }
    }

    @Override
    public void abandon() {
        interrupt();
    }

    @Override
    public void closeConnections() {
        broken = true;
        parts.forEach(ShardRows::closeConnection);
        stop(ErrPacket.of(ErrorCode.BUG, ""));
    }
}
