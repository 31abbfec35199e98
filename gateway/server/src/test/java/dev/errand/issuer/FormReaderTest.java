package dev.errand.issuer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.Patience;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Forms that stay away: those of one address keep nobody else's out, and revocation has places of its own. */
@Execution(ExecutionMode.CONCURRENT)
class FormReaderTest {
    private static final String STRANGER = "127.0.0.1";
    private static final String OTHER = "127.0.0.2";
    private static final int SHARE = 8;

    @TempDir
    Path directory;

    private final List<Socket> silent = new ArrayList<>();
    private IssuerServer server;

    @BeforeEach
    void start() throws Exception {
        server = IssuerServer.start(directory);
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : silent) {
            socket.close();
        }
        server.close();
    }

    private Socket open(String from, String path, String part) throws IOException {
        Socket socket = new Socket(
                InetAddress.getByName("127.0.0.1"),
                URI.create(server.url(path)).getPort(),
                InetAddress.getByName(from),
                0);
        socket.setSoTimeout(8000);
        socket.getOutputStream()
                .write(("POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                                + "Content-Length: 3\r\n\r\n" + part)
                        .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static int status(Socket socket) throws IOException {
        byte[] head = new byte[12];
        assertThat(socket.getInputStream().readNBytes(head, 0, head.length)).isEqualTo(head.length);
        return Integer.parseInt(new String(head, 9, 3, StandardCharsets.US_ASCII));
    }

    private void openSilent(String path, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            silent.add(open(STRANGER, path, "a"));
        }
        await().atMost(Patience.of(Duration.ofSeconds(8))).until(() -> refused().size() >= count - SHARE);
        TimeUnit.MILLISECONDS.sleep(300);
    }

    private List<Socket> refused() throws IOException {
        List<Socket> refused = new ArrayList<>();
        for (Socket socket : silent) {
            if (socket.getInputStream().available() > 0) {
                refused.add(socket);
            }
        }
        return refused;
    }

    /** The status of a form whose body comes a while after its head. */
    private int late(String from, String path) throws Exception {
        try (Socket socket = open(from, path, "")) {
            TimeUnit.MILLISECONDS.sleep(250);
            socket.getOutputStream().write("a=b".getBytes(StandardCharsets.US_ASCII));
            return status(socket);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"})
    void silentForms_ofOneAddress_leaveAnotherAddressItsPlaces(String path) throws Exception {
        openSilent(path, 64);
        assertThat(late(OTHER, path)).isEqualTo(400);
        assertThat(late(STRANGER, path)).isEqualTo(429);
        assertThat(refused()).hasSize(64 - SHARE);
        assertThat(status(refused().get(0))).isEqualTo(429);
        try (Socket whole = open(STRANGER, path, "a=b")) {
            assertThat(status(whole)).as("what comes at once is not waited for").isEqualTo(400);
        }
    }

    @Test
    void silentForms_ofTheOtherEndpoints_leaveRevocationItsPlaces() throws Exception {
        openSilent("/oauth2/token", 64);
        assertThat(late(STRANGER, "/oauth2/introspect")).isEqualTo(429);
        assertThat(late(STRANGER, "/oauth2/revoke")).isEqualTo(400);
    }

    @Test
    void places_areFreeAgain_whenTheFormCameOrItsSenderLeft() throws Exception {
        openSilent("/oauth2/token", SHARE);
        assertThat(late(STRANGER, "/oauth2/token")).isEqualTo(429);
        for (int i = 0; i < SHARE / 2; i++) {
            silent.get(i).getOutputStream().write("=b".getBytes(StandardCharsets.US_ASCII));
            assertThat(status(silent.get(i))).isEqualTo(400);
        }
        for (Socket socket : silent) {
            socket.close();
        }
        silent.clear();
        TimeUnit.MILLISECONDS.sleep(200);
        openSilent("/oauth2/token", SHARE - 1);
        assertThat(late(STRANGER, "/oauth2/token")).isEqualTo(400);
    }
}
