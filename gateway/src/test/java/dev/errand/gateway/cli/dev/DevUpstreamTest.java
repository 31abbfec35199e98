package dev.errand.gateway.cli.dev;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ticket API of a first run: a newcomer takes its time for the gateway's. */
class DevUpstreamTest {
    /** Linux acknowledges late after this time, and a server without TCP_NODELAY waits for it. */
    private static final Duration LATE_ACKNOWLEDGEMENT = Duration.ofMillis(40);

    @TempDir
    Path directory;

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Test
    void answers_onAKeptConnection_doNotWaitForAnAcknowledgement() throws Exception {
        Files.createDirectory(directory.resolve("dev"));
        Files.writeString(directory.resolve("dev/upstream-token"), "token");
        URI address = URI.create("http://127.0.0.1:" + freePort());
        HttpRequest request = HttpRequest.newBuilder(address.resolve("/v1/tickets/17"))
                .header("Authorization", "Bearer token")
                .build();
        HttpClient client = HttpClient.newHttpClient();
        List<Long> nanos = new ArrayList<>();
        try (DevUpstream ignored = DevUpstream.start(address, directory)) {
            for (int i = 0; i < 40; i++) {
                long began = System.nanoTime();
                HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
                nanos.add(System.nanoTime() - began);
                assertThat(answer.statusCode()).isEqualTo(200);
            }
        }
        nanos.sort(null);
        assertThat(Duration.ofNanos(nanos.get(nanos.size() / 2))).isLessThan(LATE_ACKNOWLEDGEMENT);
    }
}
