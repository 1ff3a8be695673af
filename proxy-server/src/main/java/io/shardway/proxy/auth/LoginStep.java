package io.shardway.proxy.auth;

import io.shardway.router.ErrorCode;
import java.util.function.BooleanSupplier;

/** What the server must do next in a {@link LoginExchange}. Immutable. */
public sealed interface LoginStep {

    /** Send this payload in one packet and give the client's next one to the exchange. */
    record Send(byte[] payload) implements LoginStep {}

    /**
     * Have {@link Authenticator#check} run this away from the event loop (it takes milliseconds)
     * and give the result to {@link LoginExchange#checked}.
     */
    record Check(BooleanSupplier work) implements LoginStep {}

    /**
     * The client is who it says; the login ends with an OK packet.
     *
     * @param before a payload that must be sent in a packet before the OK; empty for none
     */
    record Accepted(LoginAccount account, byte[] before) implements LoginStep {}

    /** The login ends with an error, sent after {@link Authenticator#failed}'s delay. */
    record Refused(ErrorCode code, String detail) implements LoginStep {}
}
