package io.shardway.proxy.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;

/** TLS towards clients. Thread-safe: static and without state. */
public final class ServerTls {

    private static final String FILE = "tls.p12";
    private static final String TYPE = "PKCS12";

    /** No secret: the file's rights protect it, and a password beside it would not add to that. */
    private static final String PASSWORD = "shardway";

    private static final int KEYTOOL_SECONDS_MAX = 60;

    private ServerTls() {}

    /**
     * One's own certificate chain and unencrypted PKCS#8 key.
     *
     * @param clientCa as for {@link #selfSigned}
     */
    public static SslContext fromPem(
            Path certificateChain, Path privateKey, Optional<Path> clientCa) throws IOException {
        try {
            return build(
                    SslContextBuilder.forServer(certificateChain.toFile(), privateKey.toFile()),
                    clientCa);
        } catch (IllegalArgumentException failure) {
            throw new IOException(
                    "not a certificate chain and key in PEM: "
                            + certificateChain
                            + ", "
                            + privateKey,
                    failure);
        }
    }

    /**
     * A certificate signed by itself, kept in a key store in {@code directory} that only its owner
     * can read, and made by the JDK's keytool when it is not there yet. Blocks.
     *
     * @param clientCa authorities in PEM; with them clients are asked for a certificate, and one
     *     that is shown must be theirs
     */
    public static SslContext selfSigned(Path directory, Optional<Path> clientCa)
            throws IOException {
        Path file = directory.resolve(FILE);
        if (!Files.exists(file)) {
            make(directory, file);
        }
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance(TYPE);
            store.load(in, PASSWORD.toCharArray());
            KeyManagerFactory keys =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, PASSWORD.toCharArray());
            return build(SslContextBuilder.forServer(keys), clientCa);
        } catch (GeneralSecurityException failure) {
            throw new IOException("cannot read the key store " + file, failure);
        }
    }

    private static SslContext build(SslContextBuilder builder, Optional<Path> clientCa)
            throws IOException {
        if (clientCa.isPresent()) {
            try {
                // Not BoringSSL: where certificates are optional it lets untrusted ones pass.
                builder.trustManager(clientCa.get().toFile()).clientAuth(ClientAuth.OPTIONAL);
            } catch (IllegalArgumentException failure) {
                throw new IOException("no certificates in PEM: " + clientCa.get(), failure);
            }
        }
        return builder.build();
    }

    /** Made under another name and linked, so that a second proxy never sees half a file. */
    private static void make(Path directory, Path file) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(
                    directory,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        }
        Path scratch = Files.createTempDirectory(directory, "tls"); // Its owner's only.
        Path made = scratch.resolve(FILE);
        try {
            runKeytool(made);
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
            Files.createLink(file, made); // Unlike a move, it fails where a file is already.
        } catch (FileAlreadyExistsException raced) {
            return; // Another proxy was quicker; its certificate serves both.
        } finally {
            Files.deleteIfExists(made);
            Files.deleteIfExists(scratch);
        }
    }

    private static void runKeytool(Path store) throws IOException {
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        List<String> command =
                List.of(
                        keytool.toString(),
                        "-J-XX:TieredStopAtLevel=1", // It lives for half a second.
                        "-J-XX:+UseSerialGC",
                        "-genkeypair",
                        "-alias",
                        "shardway",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=Shardway",
                        "-ext",
                        "SAN=dns:localhost,ip:127.0.0.1",
                        "-validity",
                        "3650",
                        "-storetype",
                        TYPE,
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            if (!process.waitFor(KEYTOOL_SECONDS_MAX, TimeUnit.SECONDS)) {
                throw new IOException("keytool does not end");
            }
            if (process.exitValue() != 0) {
                throw new IOException("keytool failed: " + output.strip());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while keytool ran", interrupted);
        } finally {
            process.destroy();
        }
    }
}
