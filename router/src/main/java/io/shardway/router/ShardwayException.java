package io.shardway.router;

/** A failure with its {@link ErrorCode}. */
public final class ShardwayException extends RuntimeException {

    private final ErrorCode code;
    private final String detail;

    public ShardwayException(ErrorCode code, String detail) {
        super(code.message(detail));
        this.code = code;
        this.detail = detail;
    }

    public ShardwayException(ErrorCode code, String detail, Throwable cause) {
        super(code.message(detail), cause);
        this.code = code;
        this.detail = detail;
    }

    public ErrorCode code() {
        return code;
    }

    public String detail() {
        return detail;
    }
}
