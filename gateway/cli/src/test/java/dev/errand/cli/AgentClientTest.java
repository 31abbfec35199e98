package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.cli.AgentClient.Start;
import dev.errand.holder.AgentException;
import dev.errand.holder.AgentKey;
import dev.errand.json.JsonValue.JsonObject;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class AgentClientTest {
    @Test
    @Timeout(30)
    void answer_thatBeginsAndDoesNotEnd_isGivenUp() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread endless = new Thread(() -> begin(server));
            endless.start();
            URI address = URI.create("http://127.0.0.1:" + server.getLocalPort());
            AgentClient client =
                    new AgentClient(address, "http://issuer", HttpClient.newHttpClient(), Duration.ofSeconds(2));
            assertThatThrownBy(() -> client.start(
                            AgentKey.generate(), new Start("human", "jwt", "svid", JsonObject.EMPTY, null)))
                    .isInstanceOf(AgentException.class)
                    .hasMessageContaining(address.toString())
                    .hasMessageContaining("its answer does not end");
            endless.join();
        }
    }

    /** Answers with a head and no body, and keeps the connection until its client leaves. */
    private static void begin(ServerSocket server) {
        try (Socket socket = server.accept()) {
            socket.getOutputStream()
                    .write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{".getBytes(StandardCharsets.US_ASCII));
            while (socket.getInputStream().read() >= 0) {
                Thread.onSpinWait();
            }
        } catch (java.io.IOException left) {
            // So does a client that gave up.
            return;
        }
    }
}
