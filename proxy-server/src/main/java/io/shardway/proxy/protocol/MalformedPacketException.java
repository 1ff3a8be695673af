package io.shardway.proxy.protocol;

import io.shardway.router.ErrorCode;

/** The peer sent bytes that are not MySQL protocol; its connection must be closed. */
public final class MalformedPacketException extends RuntimeException {

    private final String detail;

    public MalformedPacketException(String detail) {
        super(ErrorCode.MALFORMED_PACKET.message(detail));
        this.detail = detail;
    }

    public ErrorCode code() {
        return ErrorCode.MALFORMED_PACKET;
    }

    public String detail() {
        return detail;
    }
}
