package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.FreePort;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;

/** The witness of torchwood, another implementation of C2SP tlog-witness. Its key is held by an ssh-agent. */
final class LiteWitness implements AutoCloseable {
    private final Path directory;
    private final String name;
    private final byte[] key;
    private final Process agent;
    private final RealServer server;

    LiteWitness(Path directory, String name) throws Exception {
        this.directory = Files.createDirectories(directory);
        this.name = name;
        // A path of a socket has at most 107 bytes.
        Path socket = Files.createTempDirectory("w").resolve("s");
        ran("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "key");
        agent = new ProcessBuilder("ssh-agent", "-D", "-a", socket.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("agent.log").toFile())
                .start();
        while (!Files.exists(socket)) {
            assertThat(agent.isAlive()).isTrue();
            Thread.onSpinWait();
        }
        ProcessBuilder add =
                new ProcessBuilder("ssh-add", "-q", directory.resolve("key").toString());
        add.environment().put("SSH_AUTH_SOCK", socket.toString());
        assertThat(add.start().waitFor()).isZero();
        byte[] blob = Base64.getDecoder()
                .decode(Files.readString(directory.resolve("key.pub")).split(" ")[1]);
        key = Arrays.copyOfRange(blob, blob.length - 32, blob.length);
        int port = FreePort.next();
        server = RealServer.start(
                directory,
                "litewitness",
                port,
                "/",
                Map.of(),
                program("litewitness").toString(),
                "-ssh-agent=" + socket,
                "-name=" + name,
                "-key=SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(sha256(blob)),
                "-listen=127.0.0.1:" + port);
    }

    private static Path program(String program) {
        return RealServer.program("litewitness", "litewitness/" + program);
    }

    private static byte[] sha256(byte[] bytes) throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-256").digest(bytes);
    }

    private void ran(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    URI uri() {
        return URI.create(server.uri().toString());
    }

    /** Its verifier key. */
    String vkey() throws GeneralSecurityException {
        return vkey(name, 4, key);
    }

    private static String vkey(String name, int type, byte[] key) throws GeneralSecurityException {
        byte[] value =
                ByteBuffer.allocate(1 + key.length).put((byte) type).put(key).array();
        ByteBuffer hashed = ByteBuffer.allocate(name.length() + 1 + value.length);
        hashed.put((name + "\n").getBytes(StandardCharsets.UTF_8)).put(value);
        return name + "+" + HexFormat.of().formatHex(sha256(hashed.array()), 0, 4) + "+"
                + Base64.getEncoder().encodeToString(value);
    }

    /** Tells it of a log, by the name and the raw key that sign its checkpoints. */
    void know(String origin, byte[] logKey) throws Exception {
        ran(program("witnessctl").toString(), "add-log", "-db", "litewitness.db", "-origin", origin);
        ran(
                program("witnessctl").toString(),
                "add-key",
                "-db",
                "litewitness.db",
                "-origin",
                origin,
                "-key",
                vkey(origin, 1, logKey));
    }

    @Override
    public void close() {
        server.close();
        agent.destroy();
    }
}
