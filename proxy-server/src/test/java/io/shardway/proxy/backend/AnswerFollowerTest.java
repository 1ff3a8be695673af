package io.shardway.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.shardway.proxy.protocol.MalformedPacketException;
import io.shardway.proxy.protocol.ServerStatus;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AnswerFollowerTest {

    private static final int MORE = ServerStatus.AUTOCOMMIT | ServerStatus.MORE_RESULTS;
    private static final int PLAIN = ServerStatus.AUTOCOMMIT;
    private static final int FULL = 0xFFFFFF;

    /** Counts what it gave and what came back; heap buffers only. */
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);

    private final List<AnswerRewrite> rewrites =
            List.of(
                    AnswerRewrite.NONE,
                    AnswerRewrite.EOF_PACKETS,
                    new AnswerRewrite(3, false),
                    new AnswerRewrite(250, true));

    private record Case(String name, AnswerKind kind, NodeAnswer answer) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static NodeAnswer answer() {
        return NodeAnswer.answer();
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case("OK", AnswerKind.RESULTS, answer().ok(PLAIN)),
                new Case("ERR", AnswerKind.RESULTS, answer().error()),
                new Case("rows", AnswerKind.RESULTS, answer().table(3, 4, PLAIN)),
                new Case("no rows", AnswerKind.RESULTS, answer().table(2, 0, PLAIN)),
                new Case("no rows in a transaction", AnswerKind.RESULTS, answer().table(1, 0, 3)),
                new Case(
                        "NULL in the only column", AnswerKind.RESULTS, answer().table(1, 7, PLAIN)),
                new Case(
                        "several results",
                        AnswerKind.RESULTS,
                        answer().table(1, 2, MORE).ok(MORE).table(2, 0, MORE).table(1, 1, PLAIN)),
                new Case(
                        "a result and an OK",
                        AnswerKind.RESULTS,
                        answer().table(1, 1, MORE).ok(PLAIN)),
                new Case(
                        "a result and an error",
                        AnswerKind.RESULTS,
                        answer().table(1, 2, MORE).error()),
                new Case(
                        "an error among rows",
                        AnswerKind.RESULTS,
                        answer().columnCount(1)
                                .definitions(1)
                                .definitionsEnd(PLAIN)
                                .plain((byte) 1, (byte) 'x')
                                .error()),
                new Case(
                        "an error instead of rows",
                        AnswerKind.RESULTS,
                        answer().columnCount(1).definitions(1).definitionsEnd(PLAIN).error()),
                new Case(
                        "an error among definitions",
                        AnswerKind.RESULTS,
                        answer().columnCount(3).definitions(1).error()),
                new Case("251 columns", AnswerKind.RESULTS, answer().table(251, 1, PLAIN)),
                new Case(
                        "a cursor",
                        AnswerKind.RESULTS,
                        answer().columnCount(1)
                                .definitions(1)
                                .rowsEnd(PLAIN | ServerStatus.CURSOR_EXISTS)),
                new Case(
                        "a binary row",
                        AnswerKind.RESULTS,
                        answer().columnCount(1)
                                .definitions(1)
                                .definitionsEnd(PLAIN)
                                .plain((byte) 0, (byte) 0, (byte) 0xFE, (byte) 0xFF)
                                .rowsEnd(PLAIN)),
                new Case(
                        "an empty text",
                        AnswerKind.RESULTS,
                        answer().columnCount(1)
                                .definitions(1)
                                .definitionsEnd(PLAIN)
                                .plain((byte) 0)
                                .rowsEnd(PLAIN)),
                new Case(
                        "prepared",
                        AnswerKind.PREPARED,
                        answer().plain(
                                        (byte) 0, (byte) 1, (byte) 0, (byte) 0, (byte) 0, (byte) 2,
                                        (byte) 0, (byte) 3, (byte) 0, (byte) 0, (byte) 0, (byte) 0)
                                .definitions(5)),
                new Case(
                        "prepared without anything",
                        AnswerKind.PREPARED,
                        answer().plain(
                                        (byte) 0, (byte) 1, (byte) 0, (byte) 0, (byte) 0, (byte) 0,
                                        (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0,
                                        (byte) 0)),
                new Case("not prepared", AnswerKind.PREPARED, answer().error()),
                new Case(
                        "fetched",
                        AnswerKind.ROWS,
                        answer().plain((byte) 0, (byte) 0, (byte) 5)
                                .plain((byte) 0, (byte) 0, (byte) 6)
                                .rowsEnd(PLAIN | ServerStatus.CURSOR_EXISTS)),
                new Case(
                        "fetched the last",
                        AnswerKind.ROWS,
                        answer().rowsEnd(PLAIN | ServerStatus.LAST_ROW_SENT)),
                new Case("not fetched", AnswerKind.ROWS, answer().error()),
                new Case(
                        "field list",
                        AnswerKind.DEFINITIONS,
                        answer().definitions(3).rowsEnd(PLAIN)),
                new Case("no field list", AnswerKind.DEFINITIONS, answer().error()),
                new Case("single OK", AnswerKind.SINGLE, answer().ok(PLAIN)),
                new Case("single ERR", AnswerKind.SINGLE, answer().error()));
    }

    @AfterEach
    void everyBufferIsReleased() {
        assertThat(allocator.metric().usedHeapMemory()).isZero();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void passesAnswersOnWholeWhereverTheyAreCut(Case tested) {
        byte[] sent = tested.answer().asSent();
        for (AnswerRewrite rewrite : rewrites) {
            byte[] expected = tested.answer().asSeen(rewrite);
            for (int cut = 0; cut < sent.length; cut++) {
                check(tested, rewrite, sent, expected, cut == 0 ? new int[0] : new int[] {cut});
            }
            int[] everywhere = new int[sent.length - 1];
            Arrays.setAll(everywhere, i -> i + 1);
            check(tested, rewrite, sent, expected, everywhere);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void passesAnswersOnWholeInRandomPieces(Case tested) {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        byte[] sent = tested.answer().asSent();
        for (AnswerRewrite rewrite : rewrites) {
            byte[] expected = tested.answer().asSeen(rewrite);
            for (int round = 0; round < 100; round++) {
                int[] cuts =
                        random.ints(random.nextInt(6), 0, sent.length)
                                .filter(cut -> cut > 0)
                                .distinct()
                                .sorted()
                                .toArray();
                check(tested, rewrite, sent, expected, cuts);
            }
        }
    }

    @Test
    void followsRowsOfManyPacketsWhateverTheyBeginWith() {
        var random = new Random(7);
        for (int size : new int[] {FULL, FULL + 1, 2 * FULL}) {
            for (int first : new int[] {0xFE, 0xFB, 0xFD}) {
                byte[] row = new byte[size];
                row[0] = (byte) first;
                row[1] = (byte) 0xFE;
                if (size > FULL) {
                    row[FULL] = (byte) (first == 0xFE ? 0xFF : 0xFE);
                }
                NodeAnswer answer =
                        answer().columnCount(1)
                                .definitions(1)
                                .definitionsEnd(PLAIN)
                                .plain(row)
                                .plain((byte) 0xFB)
                                .rowsEnd(PLAIN);
                AnswerRewrite rewrite = rewrites.get(random.nextInt(rewrites.size()));
                byte[] sent = answer.asSent();
                var tested = new Case(size + " bytes", AnswerKind.RESULTS, answer);
                int header = sent.length - size;
                int[] cuts = random.ints(40, 1, sent.length).distinct().sorted().toArray();
                check(tested, rewrite, sent, answer.asSeen(rewrite), cuts);
                int[] atHeaders = {
                    Math.min(header, 30),
                    FULL + 27,
                    FULL + 28,
                    FULL + 29,
                    FULL + 30,
                    sent.length - 3
                };
                check(
                        tested,
                        rewrite,
                        sent,
                        answer.asSeen(rewrite),
                        Arrays.stream(atHeaders)
                                .filter(cut -> cut < sent.length)
                                .distinct()
                                .sorted()
                                .toArray());
            }
        }
    }

    @Test
    void saysHowManyRowsWereSeen() {
        var sink = new Recorder();
        follow(
                AnswerKind.RESULTS,
                AnswerRewrite.NONE,
                sink,
                answer().table(2, 5, MORE).table(1, 0, PLAIN).asSent());
        assertThat(sink.rows).containsExactly(5L, 0L);
    }

    @Test
    void passesOnWhatTheSinkPutsInPlaceOfAnEnd() {
        var sink =
                new Recorder() {
                    @Override
                    public void resultEnded(ResultEnd end) {
                        super.resultEnded(end);
                        end.replaceWith(
                                allocator.buffer().writeMediumLE(1).writeByte(99).writeByte(0x42));
                    }
                };
        AnswerFollower follower =
                follow(
                        AnswerKind.RESULTS,
                        new AnswerRewrite(4, false),
                        sink,
                        answer().ok(PLAIN).asSent());
        assertThat(sink.bytes.toByteArray()).containsExactly(1, 0, 0, 5, 0x42);
        assertThat(sink.lasts).isEqualTo(1);
        assertThat(follower.lastSequence()).isEqualTo(5);
    }

    @Test
    void changesStatusFlagsInPlace() {
        var sink =
                new Recorder() {
                    @Override
                    public void resultEnded(ResultEnd end) {
                        end.patchStatus(end.status() | ServerStatus.IN_TRANS);
                    }
                };
        follow(AnswerKind.RESULTS, AnswerRewrite.NONE, sink, answer().table(1, 1, PLAIN).asSent());
        assertThat(sink.bytes.toByteArray())
                .isEqualTo(answer().table(1, 1, PLAIN | ServerStatus.IN_TRANS).asSent());
    }

    /** The proxy has more statements for the client; the node knows nothing of them. */
    @Test
    void doesNotWaitForResultsThatOnlyTheClientIsPromised() {
        var sink =
                new Recorder() {
                    @Override
                    public void resultEnded(ResultEnd end) {
                        end.patchStatus(end.status() | ServerStatus.MORE_RESULTS);
                    }
                };
        follow(AnswerKind.RESULTS, AnswerRewrite.NONE, sink, answer().table(1, 1, PLAIN).asSent());
        assertThat(sink.bytes.toByteArray()).isEqualTo(answer().table(1, 1, MORE).asSent());
        assertThat(sink.lasts).isEqualTo(1);
    }

    @Test
    void refusesBytesBehindTheAnswer() {
        byte[] sent = answer().ok(PLAIN).ok(PLAIN).asSent();
        var follower = new AnswerFollower(allocator, NobodyWaits.INSTANCE);
        follower.begin(AnswerKind.RESULTS, AnswerRewrite.NONE, new Recorder());
        assertThatThrownBy(() -> follower.accept(buffer(sent)))
                .isInstanceOf(MalformedPacketException.class);
    }

    @Test
    void refusesBytesNobodyAskedFor() {
        var follower = new AnswerFollower(allocator, NobodyWaits.INSTANCE);
        assertThatThrownBy(() -> follower.accept(buffer(new byte[] {1})))
                .isInstanceOf(MalformedPacketException.class);
    }

    @Test
    void refusesToBeAskedForTheClientsFiles() {
        var follower = new AnswerFollower(allocator, NobodyWaits.INSTANCE);
        follower.begin(AnswerKind.RESULTS, AnswerRewrite.NONE, new Recorder());
        assertThatThrownBy(() ->
                        follower.accept(buffer(answer().plain((byte) 0xFB, (byte) 'f').asSent())))
                .isInstanceOf(MalformedPacketException.class);
    }

    @Test
    void releasesAPieceOfAPacketWhenTheConnectionBreaks() {
        var follower = new AnswerFollower(allocator, NobodyWaits.INSTANCE);
        follower.begin(AnswerKind.RESULTS, AnswerRewrite.NONE, new Recorder());
        follower.accept(buffer(Arrays.copyOf(answer().error().asSent(), 6)));
        assertThat(follower.hasBegun()).isTrue();
        follower.abandon();
        assertThat(follower.isDone()).isTrue();
    }

    @Test
    void releasesTheBufferOfASinkThatFailsOnce() {
        var follower = new AnswerFollower(allocator, NobodyWaits.INSTANCE);
        follower.begin(
                AnswerKind.RESULTS,
                AnswerRewrite.NONE,
                new Recorder() {
                    @Override
                    public void bytes(ByteBuf received, boolean last) {
                        received.release();
                        throw new UnsupportedOperationException("a bug");
                    }
                });
        assertThatThrownBy(() -> follower.accept(buffer(answer().ok(PLAIN).asSent())))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    private AnswerFollower follow(
            AnswerKind kind, AnswerRewrite rewrite, Recorder sink, byte[] sent) {
        var follower = new AnswerFollower(allocator, NobodyWaits.INSTANCE);
        follower.begin(kind, rewrite, sink);
        assertThat(follower.accept(buffer(sent))).isTrue();
        return follower;
    }

    private void check(
            Case tested, AnswerRewrite rewrite, byte[] sent, byte[] expected, int[] cuts) {
        var sink = new Recorder();
        var follower = new AnswerFollower(allocator, NobodyWaits.INSTANCE);
        follower.begin(tested.kind(), rewrite, sink);
        int from = 0;
        for (int i = 0; i <= cuts.length; i++) {
            int to = i < cuts.length ? cuts[i] : sent.length;
            boolean complete = follower.accept(buffer(Arrays.copyOfRange(sent, from, to)));
            if (complete != (to == sent.length)) {
                throw new AssertionError(
                        tested + " " + rewrite + " complete at " + to + " of " + sent.length);
            }
            from = to;
        }
        if (!Arrays.equals(expected, sink.bytes.toByteArray())) {
            assertThat(sink.bytes.toByteArray())
                    .as("%s, %s, cut at %s", tested, rewrite, Arrays.toString(cuts))
                    .isEqualTo(expected);
        }
        assertThat(sink.lasts).isEqualTo(1);
        assertThat(follower.isDone()).isTrue();
        if (!sink.rows.isEmpty()) {
            assertThat(follower.lastSequence()).isEqualTo(lastSequence(expected));
        }
    }

    private static int lastSequence(byte[] framed) {
        int sequence = 0;
        for (int at = 0; at < framed.length; ) {
            sequence = framed[at + 3] & 0xFF;
            at +=
                    4
                            + ((framed[at] & 0xFF)
                                    | (framed[at + 1] & 0xFF) << 8
                                    | (framed[at + 2] & 0xFF) << 16);
        }
        return sequence;
    }

    private ByteBuf buffer(byte[] bytes) {
        return allocator.buffer(bytes.length).writeBytes(bytes);
    }

    private static class Recorder implements AnswerSink {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        final List<Long> rows = new ArrayList<>();
        int lasts;

        @Override
        public void bytes(ByteBuf received, boolean last) {
            if (lasts > 0) {
                throw new AssertionError("bytes behind the last");
            }
            byte[] copy = new byte[received.readableBytes()];
            received.readBytes(copy);
            received.release();
            bytes.writeBytes(copy);
            if (last) {
                lasts++;
            }
        }

        @Override
        public void resultEnded(ResultEnd end) {
            rows.add(end.rows());
        }

        @Override
        public void answered(BackendConnection connection) {
            throw new AssertionError("the follower tells nobody");
        }

        @Override
        public void lost(BackendConnection connection, boolean answerBegun, Throwable cause) {
            throw new AssertionError("the follower tells nobody", cause);
        }
    }
}
