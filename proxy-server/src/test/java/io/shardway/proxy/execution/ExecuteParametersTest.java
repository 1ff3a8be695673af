package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shardway.proxy.backend.PreparedKey;
import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.proxy.protocol.ColumnTypes;
import io.shardway.proxy.protocol.MalformedPacketException;
import io.shardway.proxy.protocol.Wire;
import io.shardway.proxy.session.PreparedStatement;
import io.shardway.router.plan.ParameterValues.Kind;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExecuteParametersTest {

    private static final int UNSIGNED = 0x8000;
    private static final int COUNTED = 0x08;
    private static final int[] TYPES = {
        ColumnTypes.TINY,
        ColumnTypes.TINY | UNSIGNED,
        ColumnTypes.SHORT,
        ColumnTypes.SHORT | UNSIGNED,
        ColumnTypes.LONG,
        ColumnTypes.LONG | UNSIGNED,
        ColumnTypes.LONGLONG,
        ColumnTypes.LONGLONG | UNSIGNED,
        ColumnTypes.FLOAT,
        ColumnTypes.DOUBLE,
        ColumnTypes.NEWDECIMAL,
        ColumnTypes.VAR_STRING,
        ColumnTypes.BLOB,
        ColumnTypes.DATETIME,
        ColumnTypes.LONGLONG,
        ColumnTypes.STRING
    };

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsEveryTypeBehindEveryOther(boolean attributes) {
        ByteBuf payload = execution(attributes, true);
        var parameters = new ExecuteParameters(payload, statement(TYPES.length), attributes, true);
        assertThat(parameters.count()).isEqualTo(TYPES.length);
        assertThat(parameters.bytes(15)).isEqualTo("last".getBytes(UTF_8));
        assertThat(parameters.kind(14)).isEqualTo(Kind.NULL);
        assertThat(parameters.kind(13)).isEqualTo(Kind.OTHER);
        assertThat(parameters.kind(12)).isEqualTo(Kind.BYTES);
        assertThat(parameters.bytes(12)).containsExactly(0, 1);
        assertThat(parameters.kind(11)).isEqualTo(Kind.TEXT);
        assertThat(parameters.bytes(11)).isEqualTo("a".repeat(300).getBytes(UTF_8));
        assertThat(parameters.kind(10)).isEqualTo(Kind.DECIMAL);
        assertThat(parameters.floating(9)).isEqualTo(2.5);
        assertThat(parameters.floating(8)).isEqualTo(1.5);
        assertThat(parameters.kind(7)).isEqualTo(Kind.UNSIGNED);
        assertThat(parameters.integer(7)).isEqualTo(-2);
        assertThat(parameters.integer(6)).isEqualTo(-3);
        assertThat(parameters.integer(5)).isEqualTo(0xFFFFFFFFL);
        assertThat(parameters.integer(4)).isEqualTo(-1);
        assertThat(parameters.integer(3)).isEqualTo(0xFFFF);
        assertThat(parameters.integer(2)).isEqualTo(-1);
        assertThat(parameters.integer(1)).isEqualTo(0xFF);
        assertThat(parameters.integer(0)).isEqualTo(-1);
        assertThat(payload.readerIndex()).isZero();
    }

    @Test
    void remembersTypesThatAreNotSentAgain() {
        PreparedStatement statement = statement(TYPES.length);
        assertThat(
                        new ExecuteParameters(execution(false, true), statement, false, true)
                                .typesSent())
                .isTrue();
        var again = new ExecuteParameters(execution(false, false), statement, false, true);
        assertThat(again.typesSent()).isFalse();
        assertThat(again.integer(6)).isEqualTo(-3);
    }

    @Test
    void refusesAFirstExecutionWithoutTypes() {
        assertThatThrownBy(() ->
                        new ExecuteParameters(
                                execution(true, false), statement(TYPES.length), true, true))
                .isInstanceOf(MalformedPacketException.class);
    }

    @Test
    void passesOverParametersThatCameAsLongData() {
        PreparedStatement statement = statement(2);
        statement.append(0, Unpooled.copiedBuffer("long", UTF_8), 1_000);
        ByteBuf payload = header(0).writeByte(0).writeByte(1);
        payload.writeShortLE(ColumnTypes.BLOB).writeShortLE(ColumnTypes.LONG).writeIntLE(7);
        var parameters = new ExecuteParameters(payload, statement, false, true);
        assertThat(parameters.kind(0)).isEqualTo(Kind.OTHER);
        assertThat(parameters.integer(1)).isEqualTo(7);
        statement.clearLongData();
    }

    @Test
    void readsAttributesOfAStatementWithoutParameters() {
        ByteBuf payload = header(COUNTED);
        Wire.writeLength(payload, 1);
        payload.writeByte(0).writeByte(1).writeShortLE(ColumnTypes.LONG);
        Wire.writeText(payload, "name", UTF_8);
        payload.writeIntLE(5);
        assertThat(new ExecuteParameters(payload, statement(0), true, true).count()).isEqualTo(1);
    }

    @Test
    void needsNothingForAStatementWithoutParameters() {
        assertThat(new ExecuteParameters(header(0), statement(0), true, true).count()).isZero();
        assertThat(new ExecuteParameters(header(0), statement(0), false, true).count()).isZero();
    }

    @Test
    void answersBytesThatEndTooEarlyAsMalformed() {
        for (boolean attributes : new boolean[] {false, true}) {
            ByteBuf whole = execution(attributes, true);
            for (int length = 1; length < whole.readableBytes(); length++) {
                read(whole.copy(0, length), attributes);
            }
        }
    }

    @Test
    void answersRandomBytesAsMalformed() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            boolean attributes = random.nextBoolean();
            ByteBuf spoilt = execution(attributes, true);
            for (int i = 0; i < 1 + random.nextInt(3); i++) {
                spoilt.setByte(random.nextInt(spoilt.readableBytes()), random.nextInt());
            }
            read(spoilt, attributes);
            byte[] noise = new byte[random.nextInt(60)];
            random.nextBytes(noise);
            readQuery(Unpooled.buffer().writeByte(3).writeBytes(noise));
        }
    }

    @Test
    void refusesCountsAndLengthsBeyondAllBounds() {
        for (long number :
                new long[] {
                    0x10000, Integer.MAX_VALUE, 0xFFFFFFFFL, -1, Long.MIN_VALUE, Long.MAX_VALUE
                }) {
            ByteBuf query =
                    Unpooled.buffer().writeByte(3).writeByte(0xFE).writeLongLE(number).writeByte(1);
            assertThatThrownBy(() -> QueryAttributes.textAt(query.writeZero(100)))
                    .isInstanceOf(MalformedPacketException.class);
            ByteBuf execution = header(COUNTED).writeByte(0xFE).writeLongLE(number).writeZero(100);
            assertThatThrownBy(() -> new ExecuteParameters(execution, statement(0), true, true))
                    .isInstanceOf(MalformedPacketException.class);
        }
    }

    @Test
    void findsTheTextBehindAttributes() {
        ByteBuf query =
                Unpooled.buffer()
                        .writeByte(3)
                        .writeByte(2)
                        .writeByte(1)
                        .writeByte(0b10)
                        .writeByte(1);
        query.writeShortLE(ColumnTypes.VAR_STRING);
        Wire.writeText(query, "a", UTF_8);
        query.writeShortLE(ColumnTypes.LONG);
        Wire.writeText(query, "b", UTF_8);
        Wire.writeText(query, "value", UTF_8);
        int at = query.readableBytes();
        query.writeBytes("SELECT 1".getBytes(UTF_8));
        assertThat(QueryAttributes.textAt(query)).isEqualTo(at);
        assertThat(query.readerIndex()).isZero();
    }

    @Test
    void findsTheTextWithoutAttributes() {
        assertThat(
                        QueryAttributes.textAt(
                                Unpooled.buffer()
                                        .writeByte(3)
                                        .writeByte(0)
                                        .writeByte(1)
                                        .writeByte('x')))
                .isEqualTo(3);
    }

    private static void readQuery(ByteBuf query) {
        try {
            assertThat(QueryAttributes.textAt(query))
                    .isBetween(1, Math.max(3, query.readableBytes()));
        } catch (MalformedPacketException malformed) {
            assertThat(malformed).isNotNull();
        }
    }

    private static void read(ByteBuf payload, boolean attributes) {
        try {
            var parameters =
                    new ExecuteParameters(payload, statement(TYPES.length), attributes, true);
            for (int i = 0; i < TYPES.length; i++) {
                switch (parameters.kind(i)) {
                    case SIGNED, UNSIGNED -> parameters.integer(i);
                    case FLOATING -> parameters.floating(i);
                    case DECIMAL, TEXT, BYTES -> parameters.bytes(i);
                    case NULL, OTHER -> {}
                }
            }
        } catch (MalformedPacketException malformed) {
            assertThat(malformed).isNotNull();
        }
    }

    private static PreparedStatement statement(int parameters) {
        return new PreparedStatement(
                1, new PreparedKey(new byte[0], "", SettingsProfile.EMPTY), parameters);
    }

    private static ByteBuf header(int flags) {
        return Unpooled.buffer().writeByte(0x17).writeIntLE(1).writeByte(flags).writeIntLE(1);
    }

    /** One value of each type; the one before the last is NULL. */
    private static ByteBuf execution(boolean attributes, boolean typesSent) {
        ByteBuf out = header(attributes ? COUNTED : 0);
        if (attributes) {
            Wire.writeLength(out, TYPES.length);
        }
        out.writeByte(0).writeByte(1 << 6).writeByte(typesSent ? 1 : 0);
        for (int type : typesSent ? TYPES : new int[0]) {
            out.writeShortLE(type);
            if (attributes) {
                Wire.writeText(out, type % 2 == 0 ? "" : "named", UTF_8);
            }
        }
        out.writeByte(-1)
                .writeByte(-1)
                .writeShortLE(-1)
                .writeShortLE(-1)
                .writeIntLE(-1)
                .writeIntLE(-1);
        out.writeLongLE(-3).writeLongLE(-2).writeFloatLE(1.5f).writeDoubleLE(2.5);
        Wire.writeText(out, "12.50", UTF_8);
        Wire.writeText(out, "a".repeat(300), UTF_8);
        Wire.writeBytes(out, new byte[] {0, 1});
        out.writeByte(4).writeShortLE(2026).writeByte(1).writeByte(2);
        Wire.writeText(out, "last", UTF_8);
        return out;
    }
}
