package dev.errand.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A receiver that begins an answer and does not end it. */
@Timeout(60)
class PushedEventTest {
    private ServerSocket server;
    private volatile String answer = "";

    /** A socket that nothing refers to is closed by the collector. */
    private final List<Socket> kept = new CopyOnWriteArrayList<>();

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(this::serve, "receiver");
        thread.setDaemon(true);
        thread.start();
    }

    /** Sends the answer as soon as something comes, and keeps the connection. */
    private void serve() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                kept.add(socket);
                if (socket.getInputStream().read() >= 0) {
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                    socket.getOutputStream().flush();
                }
            } catch (IOException e) {
                if (!server.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    @AfterEach
    void close() throws IOException {
        server.close();
        for (Socket socket : kept) {
            socket.close();
        }
    }

    private PushedEvent.Answer push(Duration timeout) throws Exception {
        EventReceiver receiver = new EventReceiver(
                "slow",
                URI.create("http://127.0.0.1:" + server.getLocalPort() + "/events"),
                "https://soc.example.org",
                null,
                Duration.ofHours(24));
        return new PushedEvent(timeout).push(receiver, "a.b.c");
    }

    @Test
    void push_whereNobodyListens_namesTheAddress() throws Exception {
        server.close();
        assertThatThrownBy(() -> push(Duration.ofSeconds(30)))
                .isInstanceOf(SinkUnavailableException.class)
                .hasMessage("no connection to http://127.0.0.1:" + server.getLocalPort() + "/events");
    }

    @Test
    void push_noAnswer_isGivenUpInTime() {
        assertThatThrownBy(() -> push(Duration.ofMillis(300)))
                .isInstanceOf(SinkUnavailableException.class)
                .hasMessage("the receiver did not answer within 300 ms");
    }

    @Test
    void push_refusalWhoseBodyNeverEnds_isGivenUpInTime() {
        answer = "HTTP/1.1 400 Bad Request\r\nContent-Length: 100\r\n\r\n{\"err\":";
        assertThatThrownBy(() -> push(Duration.ofMillis(300)))
                .isInstanceOf(SinkUnavailableException.class)
                .hasMessage("the receiver did not answer within 300 ms");
    }

    @Test
    void push_acceptedWithABodyThatNeverEnds_isAccepted() throws Exception {
        answer = "HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\nso";
        assertThat(push(Duration.ofSeconds(30))).isEqualTo(new PushedEvent.Answer(202, null));
    }

    @Test
    void push_refusalLongerThanWeRead_isOneThatIsTriedAgain() {
        answer =
                "HTTP/1.1 400 Bad Request\r\nContent-Length: 1000000\r\n\r\n{\"err\":\"invalid_key\",\"description\":\""
                        + "x".repeat(20_000);
        assertThatThrownBy(() -> push(Duration.ofSeconds(30)))
                .isInstanceOf(SinkUnavailableException.class)
                .hasMessage("the receiver answered 400");
    }

    @Test
    void push_refusal_isFinal() throws Exception {
        answer = "HTTP/1.1 400 Bad Request\r\nContent-Length: 21\r\n\r\n{\"err\":\"invalid_key\"}";
        assertThat(push(Duration.ofSeconds(30))).isEqualTo(new PushedEvent.Answer(400, "invalid_key"));
    }
}
