package io.shardway.cli;

/** Where a server listens. Immutable. */
public record HostPort(String host, int port) {

    public HostPort {
        if (host.isBlank()) {
            throw new UserProblem("An address is HOST:PORT; the host is missing.");
        }
        if (port < 1 || port > 65_535) {
            throw new UserProblem("A port is 1 to 65535, not " + port + ".");
        }
    }

    /** {@code host:port}, an IPv6 address in brackets. */
    public static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1 || text.indexOf(']') > colon) {
            throw new UserProblem("An address is HOST:PORT, not '" + text + "'.");
        }
        String host = text.substring(0, colon);
        if (host.indexOf(':') >= 0 && !(host.startsWith("[") && host.endsWith("]"))) {
            throw new UserProblem("An IPv6 address stands in brackets, as in [::1]:3306.");
        }
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        try {
            return new HostPort(bare, Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException _) {
            throw new UserProblem(
                    "A port is a number from 1 to 65535, not '" + text.substring(colon + 1) + "'.");
        }
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
