package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.FreePort;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ticket API of a first run: a newcomer takes its time for the gateway's. */
class DevUpstreamTest {
    @TempDir
    Path directory;

    /** The JDK's server reads the property once in a JVM, so that its effect shows only where no test before started a server. */
    @Test
    void server_isStartedWithoutDelay_andAnswers() throws Exception {
        Files.createDirectory(directory.resolve("dev"));
        Files.writeString(directory.resolve("dev/upstream-token"), "token");
        URI address = URI.create("http://127.0.0.1:" + FreePort.next());
        HttpRequest request = HttpRequest.newBuilder(address.resolve("/v1/tickets/17"))
                .header("Authorization", "Bearer token")
                .build();
        System.clearProperty("sun.net.httpserver.nodelay");
        try (DevUpstream ignored = DevUpstream.start(address, directory)) {
            assertThat(System.getProperty("sun.net.httpserver.nodelay")).isEqualTo("true");
            HttpResponse<String> answer =
                    HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
        }
    }
}
