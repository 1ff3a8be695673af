package io.shardway.proxy;

import io.netty.buffer.Unpooled;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.proxy.protocol.HandshakeResponse;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * What a client sent after its login, packet by packet. Immutable; the arrays are not written to.
 *
 * @param capabilities the client's, without those that only matter for the login
 */
record Conversation(String name, long capabilities, List<byte[]> packets) {

    private static final long LOGIN_ONLY =
            Capabilities.CONNECT_ATTRS
                    | Capabilities.PLUGIN_AUTH_LENENC
                    | Capabilities.SSL
                    | Capabilities.COMPRESS
                    | Capabilities.CONNECT_WITH_DB;

    static Conversation of(String name, byte[] recorded) {
        var packets = new ArrayList<byte[]>();
        for (int at = 0; at < recorded.length; ) {
            int length =
                    (recorded[at] & 0xFF)
                            | (recorded[at + 1] & 0xFF) << 8
                            | (recorded[at + 2] & 0xFF) << 16;
            packets.add(Arrays.copyOfRange(recorded, at, at + 4 + length));
            at += 4 + length;
        }
        byte[] login = packets.getFirst();
        var response =
                HandshakeResponse.read(Unpooled.wrappedBuffer(login, 4, login.length - 4), -1L);
        int firstCommand = 1;
        while (packets.get(firstCommand)[3] != 0) {
            firstCommand++;
        }
        return new Conversation(
                name,
                response.capabilities() & ~LOGIN_ONLY,
                List.copyOf(packets.subList(firstCommand, packets.size())));
    }

    byte[] bytes() {
        return join(packets);
    }

    /** Spoilt in one to three ways. */
    byte[] spoilt(Random random) {
        var spoilt = new ArrayList<>(packets);
        int times = 1 + random.nextInt(3);
        for (int i = 0; i < times; i++) {
            spoil(spoilt, random);
        }
        byte[] all = join(spoilt);
        return random.nextInt(4) == 0 ? Arrays.copyOf(all, random.nextInt(all.length + 1)) : all;
    }

    private static void spoil(List<byte[]> packets, Random random) {
        int at = random.nextInt(packets.size());
        byte[] packet = packets.get(at).clone();
        switch (random.nextInt(10)) {
            case 0, 1 -> {
                packet[random.nextInt(packet.length)] ^= (byte) (1 << random.nextInt(8));
                packets.set(at, packet);
            }
            case 2 -> {
                int body = 4 + random.nextInt(Math.max(1, packet.length - 4));
                for (int i = body; i < Math.min(packet.length, body + 8); i++) {
                    packet[i] = (byte) (random.nextBoolean() ? 0xFF : random.nextInt());
                }
                packets.set(at, packet);
            }
            case 3 -> packets.add(at, packet);
            case 4 -> packets.set(at, packets.set(random.nextInt(packets.size()), packet));
            case 5 -> {
                packet[3] += (byte) (1 + random.nextInt(255));
                packets.set(at, packet);
            }
            case 6 -> {
                packet[random.nextInt(3)] = (byte) random.nextInt();
                packets.set(at, packet);
            }
            case 7 -> packets.set(at, cut(packet, random));
            case 8 -> {
                byte[] noise = new byte[4 + random.nextInt(200)];
                random.nextBytes(noise);
                packets.add(at, noise);
            }
            default -> {
                byte[] large = new byte[200_004];
                System.arraycopy(packet, 4, large, 4, packet.length - 4);
                int length = random.nextBoolean() ? 200_000 : 0xFFFFFF;
                large[0] = (byte) length;
                large[1] = (byte) (length >> 8);
                large[2] = (byte) (length >> 16);
                packets.set(at, large);
            }
        }
    }

    /** A shorter command in a packet that is right about its length. */
    private static byte[] cut(byte[] packet, Random random) {
        int length = random.nextInt(packet.length - 3);
        byte[] shorter = Arrays.copyOf(packet, 4 + length);
        shorter[0] = (byte) length;
        shorter[1] = (byte) (length >> 8);
        shorter[2] = (byte) (length >> 16);
        return shorter;
    }

    private static byte[] join(List<byte[]> packets) {
        var all = new ByteArrayOutputStream();
        packets.forEach(all::writeBytes);
        return all.toByteArray();
    }
}
