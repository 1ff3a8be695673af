package io.shardway.proxy.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.fail;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shardway.router.ErrorCode;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every packet type comes back as it was written, and is malformed in no other way than one. */
class CodecTest {

    private static final long CAPABILITIES =
            Capabilities.PROTOCOL_41
                    | Capabilities.SECURE_CONNECTION
                    | Capabilities.PLUGIN_AUTH
                    | Capabilities.PLUGIN_AUTH_LENENC
                    | Capabilities.CONNECT_WITH_DB
                    | Capabilities.CONNECT_ATTRS
                    | Capabilities.SESSION_TRACK;

    record Case(
            String name, Object value, Consumer<ByteBuf> write, Function<ByteBuf, Object> read) {
        byte[] bytes() {
            ByteBuf out = Unpooled.buffer();
            write.accept(out);
            return Wire.readRest(out);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        OkPacket ok =
                new OkPacket(
                        3,
                        -1,
                        ServerStatus.AUTOCOMMIT | ServerStatus.SESSION_STATE_CHANGED,
                        7,
                        "Rows matched: 3".getBytes(UTF_8),
                        List.of(
                                new SessionChange.SystemVariable("sql_mode", new byte[] {1, 2}),
                                new SessionChange.SystemVariable("autocommit", new byte[0]),
                                new SessionChange.Schema("bücher"),
                                new SessionChange.StateChanged(true),
                                new SessionChange.Gtids("3e11fa47-71ca-11e1-9e33-c80aa9429562:23"),
                                new SessionChange.TransactionCharacteristics("START TRANSACTION;"),
                                new SessionChange.TransactionState("T_____S_"),
                                new SessionChange.Unknown(77, new byte[] {9})));
        OkPacket plainOk = new OkPacket(1, 2, 2, 0, new byte[0], List.of());
        ErrPacket error = new ErrPacket(1146, "42S02", "no table".getBytes(UTF_8));
        ErrPacket early = new ErrPacket(1040, "", "too many".getBytes(UTF_8));
        EofPacket eof = new EofPacket(4, ServerStatus.MORE_RESULTS);
        ColumnDefinition column =
                new ColumnDefinition(
                        "store", "u", "users", "Größe", "size", 255, 0xFFFFFFFFL, 253, 0x1001, 31);
        HandshakeV10 greeting =
                new HandshakeV10(
                        "8.0.31-x",
                        0xFFFFFFFFL,
                        Scrambles.newNonce(),
                        0xDFFFFFFFL,
                        255,
                        2,
                        "caching_sha2_password");
        HandshakeResponse response =
                new HandshakeResponse(
                        CAPABILITIES,
                        1 << 24,
                        255,
                        "jürgen",
                        new byte[32],
                        "store",
                        "caching_sha2_password",
                        Map.of("_client_name", "x", "program_name", "y"));
        AuthSwitchRequest authSwitch =
                new AuthSwitchRequest("mysql_native_password", Scrambles.newNonce());
        return Stream.of(
                okCase("OK with session changes", ok, 0),
                okCase("OK that ends rows", ok, 0xFE),
                okCase("plain OK", plainOk, 0),
                new Case("ERR", error, out -> error.write(out, CAPABILITIES), ErrPacket::read),
                new Case("early ERR", early, out -> early.write(out, 0), ErrPacket::read),
                new Case("EOF", eof, eof::write, EofPacket::read),
                new Case("column", column, column::write, ColumnDefinition::read),
                new Case("greeting", greeting, greeting::write, HandshakeV10::read),
                new Case(
                        "response",
                        response,
                        response::write,
                        in -> HandshakeResponse.read(in, CAPABILITIES)),
                new Case("auth switch", authSwitch, authSwitch::write, AuthSwitchRequest::read),
                changeUser());
    }

    private static Case okCase(String name, OkPacket ok, int header) {
        return new Case(
                name,
                ok,
                out -> ok.write(out, header, CAPABILITIES),
                in -> OkPacket.read(in, CAPABILITIES));
    }

    private static Case changeUser() {
        ChangeUserRequest request =
                new ChangeUserRequest("app", "store", 255, Map.of("program_name", "y"));
        return new Case(
                "change user",
                request,
                out -> {
                    out.writeByte(Commands.CHANGE_USER);
                    Wire.writeNulTerminated(out, "app", UTF_8);
                    out.writeByte(3).writeBytes(new byte[] {1, 2, 3});
                    Wire.writeNulTerminated(out, "store", UTF_8);
                    out.writeShortLE(255);
                    Wire.writeNulTerminated(out, "caching_sha2_password", UTF_8);
                    LoginFields.writeAttributes(out, Map.of("program_name", "y"));
                },
                in -> ChangeUserRequest.read(in, CAPABILITIES, UTF_8));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void comesBackAsItWasWritten(Case codec) {
        ByteBuf in = Unpooled.wrappedBuffer(codec.bytes());
        assertThat(codec.read().apply(in)).usingRecursiveComparison().isEqualTo(codec.value());
        assertThat(in.isReadable()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isAtWorstMalformedWhenCutAtAnyByte(Case codec) {
        byte[] bytes = codec.bytes();
        for (int length = 0; length < bytes.length; length++) {
            readAtWorstMalformed(codec, Unpooled.copiedBuffer(bytes, 0, length), "cut " + length);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isAtWorstMalformedWhenBytesAreChanged(Case codec) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] bytes = codec.bytes();
        for (int round = 0; round < 2_000; round++) {
            byte[] changed = bytes.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            }
            readAtWorstMalformed(codec, Unpooled.wrappedBuffer(changed), "seed " + seed);
        }
    }

    private static void readAtWorstMalformed(Case codec, ByteBuf in, String what) {
        try {
            assertThat(codec.read().apply(in)).isNotNull();
        } catch (MalformedPacketException expected) {
            assertThat(expected.code()).isEqualTo(ErrorCode.MALFORMED_PACKET);
        } catch (RuntimeException other) {
            fail(what, other);
        }
    }

    @Test
    void readsWhatAServerSaysOfSettingAVariableToNull() {
        // MySQL 8.0.31 after SET character_set_results = NULL.
        String hex = "0000000240000000190017156368617261637465725f7365745f726573756c747300";
        OkPacket ok =
                OkPacket.read(Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex)), CAPABILITIES);
        assertThat(ok.changes())
                .usingRecursiveComparison()
                .isEqualTo(
                        List.of(
                                new SessionChange.SystemVariable(
                                        "character_set_results", new byte[0])));
    }

    @Test
    void leavesSessionChangesOutForReadersThatDoNotKnowThem() {
        OkPacket ok =
                new OkPacket(
                        0,
                        0,
                        ServerStatus.SESSION_STATE_CHANGED | ServerStatus.AUTOCOMMIT,
                        0,
                        new byte[0],
                        List.of(new SessionChange.Schema("a")));
        ByteBuf out = Unpooled.buffer();
        ok.write(out, OkPacket.OK_HEADER, Capabilities.PROTOCOL_41);
        assertThat(Wire.readRest(out)).containsExactly(0, 0, 0, 2, 0, 0, 0);
    }

    @Test
    void theServersBareOkIsWrittenByteForByte() {
        ByteBuf out = Unpooled.buffer();
        OkPacket.of(ServerStatus.AUTOCOMMIT).write(out, OkPacket.OK_HEADER, CAPABILITIES);
        assertThat(HexFormat.of().formatHex(Wire.readRest(out))).isEqualTo("00000002000000");
    }

    @Test
    void ownErrorsCarryNumberStateAndText() {
        ErrPacket error = ErrPacket.of(ErrorCode.ACCESS_DENIED, "user 'x'");
        assertThat(error.code()).isEqualTo(1045);
        assertThat(error.sqlState()).isEqualTo("28000");
        assertThat(error.text()).startsWith("SW-1001: ").contains("user 'x'");
    }

    @Test
    void anSslRequestIsToldFromAResponse() {
        HandshakeResponse response =
                new HandshakeResponse(
                        CAPABILITIES | Capabilities.SSL,
                        0,
                        255,
                        "u",
                        new byte[0],
                        "",
                        "p",
                        Map.of());
        ByteBuf request = Unpooled.buffer();
        response.writeSslRequest(request);
        assertThat(HandshakeResponse.isSslRequest(request)).isTrue();
        ByteBuf whole = Unpooled.buffer();
        response.write(whole);
        assertThat(HandshakeResponse.isSslRequest(whole)).isFalse();
        assertThatCode(() -> HandshakeResponse.isSslRequest(Unpooled.EMPTY_BUFFER))
                .doesNotThrowAnyException();
    }
}
