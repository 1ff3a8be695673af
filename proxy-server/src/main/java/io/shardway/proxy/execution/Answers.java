package io.shardway.proxy.execution;

import io.netty.buffer.ByteBuf;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.proxy.protocol.EofPacket;
import io.shardway.proxy.protocol.ErrPacket;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.protocol.Packets;
import io.shardway.proxy.protocol.ServerStatus;
import io.shardway.proxy.protocol.SessionChange;
import io.shardway.proxy.protocol.TextResult;
import io.shardway.proxy.session.ClientChannel;
import io.shardway.proxy.session.Session;
import io.shardway.router.ErrorCode;
import java.util.List;

/** Builds the packets of answers the proxy gives itself. */
final class Answers {

    private Answers() {}

    static ByteBuf ok(ClientChannel client, Session session, int sequence, OkPacket packet) {
        return Packets.frame(
                client.allocator(),
                sequence,
                out -> packet.write(out, 0x00, session.capabilities()));
    }

    static OkPacket okPacket(Session session, boolean moreResults) {
        return new OkPacket(0, 0, status(session, moreResults), 0, new byte[0], List.of());
    }

    static int status(Session session, boolean moreResults) {
        return session.status() | (moreResults ? ServerStatus.MORE_RESULTS : 0);
    }

    static ByteBuf error(ClientChannel client, int sequence, ErrorCode code, String detail) {
        return error(client, sequence, ErrPacket.of(code, detail));
    }

    static ByteBuf error(ClientChannel client, int sequence, ErrPacket packet) {
        return Packets.frame(
                client.allocator(), sequence, out -> packet.write(out, Capabilities.PROTOCOL_41));
    }

    /** The changes this client may hear of. */
    static List<SessionChange> visibleTo(Session session, List<SessionChange> changes) {
        if (!session.can(Capabilities.SESSION_TRACK)) {
            return List.of();
        }
        return changes.stream()
                .filter(change ->
                        switch (change) {
                            case SessionChange.SystemVariable variable ->
                                    session.tracked().tracks(variable.name());
                            case SessionChange.Schema _ -> session.tracked().schema();
                            case SessionChange.StateChanged _,
                                    SessionChange.Gtids _,
                                    SessionChange.TransactionCharacteristics _,
                                    SessionChange.TransactionState _,
                                    SessionChange.Unknown _ ->
                                    false;
                        })
                .toList();
    }

    /** The node's OK as this client may see it, with other status flags. */
    static OkPacket forClient(Session session, OkPacket ok, int status) {
        List<SessionChange> visible = visibleTo(session, ok.changes());
        return new OkPacket(
                ok.affectedRows(), ok.lastInsertId(), status, ok.warnings(), ok.info(), visible);
    }

    /** A table in the text protocol; returns the framed packets. */
    static ByteBuf table(
            ClientChannel client, Session session, int sequence, TextResult table, boolean more) {
        int status = status(session, more);
        ByteBuf out = client.allocator().buffer();
        table.write(out, sequence, session.capabilities(), new EofPacket(0, status));
        return out;
    }

    /** The sequence number of the last packet in framed bytes. */
    static int lastSequence(ByteBuf framed) {
        int at = framed.readerIndex();
        int last = 0;
        while (at < framed.writerIndex()) {
            last = framed.getUnsignedByte(at + 3);
            at += Packets.HEADER_BYTES + framed.getUnsignedMediumLE(at);
        }
        return last;
    }
}
