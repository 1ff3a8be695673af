package io.shardway.router.topology;

import java.net.InetAddress;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The addresses an account may come from, as MySQL writes them: one address, {@code localhost}, a
 * network ({@code 10.1.0.0/16}, {@code 10.1.0.0/255.255.0.0}), or a text with {@code %} and {@code
 * _}. Names are not looked up: a name server would decide who may log in. Immutable.
 */
public final class HostPattern {

    private static final String LOCALHOST = "localhost";
    private static final Pattern ADDRESS =
            Pattern.compile("([0-9]+\\.){3}[0-9]+|[0-9a-f:.]*:[0-9a-f:.]*");
    private static final Pattern WILD = Pattern.compile("[0-9.%_]{1,45}");

    /** Any address beats any network, any network any wildcard. */
    private static final int ADDRESS_RANK = 2_000;

    private static final int NETWORK_RANK = 1_000;

    /** Every address. */
    public static final HostPattern ANY = of("%");

    private final String text;
    private final int rank;
    private final Predicate<InetAddress> test;

    private HostPattern(String text, int rank, Predicate<InetAddress> test) {
        this.text = text;
        this.rank = rank;
        this.test = test;
    }

    /** Throws IllegalArgumentException with what is wrong. */
    public static HostPattern of(String written) {
        String text = written.toLowerCase(Locale.ROOT);
        int slash = text.indexOf('/');
        if (text.equals(LOCALHOST)) {
            return new HostPattern(text, ADDRESS_RANK, InetAddress::isLoopbackAddress);
        }
        if (slash >= 0) {
            return network(text, text.substring(0, slash), text.substring(slash + 1));
        }
        if (ADDRESS.matcher(text).matches()) {
            InetAddress address = address(text);
            return new HostPattern(text, ADDRESS_RANK, address::equals);
        }
        if (!WILD.matcher(text).matches() || !text.matches(".*[%_].*")) {
            throw new IllegalArgumentException(
                    "a host is an address, a network such as 10.1.0.0/16, an IPv4 address with %"
                            + " and _, or localhost; names are not looked up");
        }
        var like = Pattern.compile(text.replace(".", "\\.").replace("%", ".*").replace('_', '.'));
        return new HostPattern(
                text,
                text.replace('_', '%').indexOf('%'),
                client -> like.matcher(client.getHostAddress()).matches());
    }

    private static HostPattern network(String text, String base, String mask) {
        byte[] address = address(base).getAddress();
        int bits = mask.contains(".") ? bitsOf(address(mask).getAddress()) : number(mask);
        if (bits < 0 || bits > address.length * Byte.SIZE) {
            throw new IllegalArgumentException("no such network mask: " + mask);
        }
        if (!sameBits(address, new byte[address.length], bits, address.length * Byte.SIZE)) {
            throw new IllegalArgumentException("the address has bits outside of the mask: " + text);
        }
        return new HostPattern(
                text,
                NETWORK_RANK + bits,
                client -> sameBits(client.getAddress(), address, 0, bits));
    }

    private static InetAddress address(String text) {
        try {
            if (!ADDRESS.matcher(text).matches()) {
                throw new IllegalArgumentException();
            }
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException _) {
            throw new IllegalArgumentException("not an address: " + text);
        }
    }

    private static int number(String text) {
        return text.matches("[0-9]{1,3}") ? Integer.parseInt(text) : -1;
    }

    /** How many ones a mask begins with; -1 if others follow. */
    private static int bitsOf(byte[] mask) {
        int ones = 0;
        while (ones < mask.length * Byte.SIZE && isOne(mask, ones)) {
            ones++;
        }
        return sameBits(mask, new byte[mask.length], ones, mask.length * Byte.SIZE) ? ones : -1;
    }

    private static boolean sameBits(byte[] one, byte[] other, int from, int to) {
        if (one.length != other.length) {
            return false;
        }
        for (int bit = from; bit < to; bit++) {
            if (isOne(one, bit) != isOne(other, bit)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOne(byte[] bytes, int bit) {
        return (bytes[bit / Byte.SIZE] & 0x80 >>> bit % Byte.SIZE) != 0;
    }

    public String text() {
        return text;
    }

    public boolean matches(InetAddress client) {
        return test.test(client);
    }

    /** Larger for the narrower pattern, which is asked first. */
    int rank() {
        return rank;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HostPattern that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
