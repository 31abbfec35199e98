package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gateway's Signature Version 4, judged by a server that checks it. */
@Tag("s3proxy")
class SigV4IT {
    private static final String DELETE = "<Delete><Object><Key>2026/a.txt</Key></Object></Delete>";

    @TempDir
    private Path directory;

    private FrontedServer front(RealServer server, String secret) throws Exception {
        Path file = Files.writeString(
                directory.resolve("aws-" + secret),
                "[default]\naws_access_key_id = gateway\naws_secret_access_key = " + secret + "\n");
        return FrontedServer.start(
                "s3",
                server.uri(),
                FrontedServer.everything("s3"),
                Map.of(
                        "errand.upstreams.s3.sigv4.region", "us-east-1",
                        "errand.upstreams.s3.sigv4.service", "s3",
                        "errand.upstreams.s3.sigv4.credentials-file", "file:" + file),
                List.of("UpstreamCredential=s3"));
    }

    @Test
    void calls_signedByTheGateway_areAcceptedAndWithAnotherSecretRefused() throws Exception {
        try (RealServer server = RealServer.s3proxy(directory, "gateway", "right")) {
            assertThat(Direct.call("PUT", server.uri() + "/reports", "").statusCode())
                    .as("it checks")
                    .isEqualTo(403);
            try (FrontedServer fronted = front(server, "right")) {
                assertThat(call(fronted, "PUT", "/s3/reports", null).statusCode())
                        .isEqualTo(200);
                HttpResponse<String> put = call(fronted, "PUT", "/s3/reports/2026/a.txt", "streamed");
                assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
                assertThat(call(fronted, "PUT", "/s3/reports/2026/a%20b%2B%C3%A9.txt", "odd key")
                                .statusCode())
                        .isEqualTo(200);
                assertThat(call(fronted, "GET", "/s3/reports/2026/a%20b%2B%C3%A9.txt", null)
                                .body())
                        .isEqualTo("odd key");
                assertThat(call(fronted, "GET", "/s3/reports?list-type=2&prefix=2026%2F&delimiter=%2F", null)
                                .body())
                        .contains("<Key>2026/a.txt</Key>");
                HttpResponse<String> deleted = call(fronted, "POST", "/s3/reports?delete", DELETE);
                assertThat(deleted.statusCode()).as(deleted.body()).isEqualTo(200);
                assertThat(call(fronted, "GET", "/s3/reports/2026/a.txt", null).statusCode())
                        .isEqualTo(404);
                // The client's own signature never passes, however it is spelled.
                assertThat(fronted.agent()
                                .call(
                                        fronted.gateway(),
                                        "GET",
                                        "/s3/reports/2026/a%20b%2B%C3%A9.txt",
                                        Map.of("x-amz-date", "19990101T000000Z", "x-amz-content-sha256", "forged"),
                                        null)
                                .statusCode())
                        .isEqualTo(200);
            }
            try (FrontedServer fronted = front(server, "wrong")) {
                assertThat(call(fronted, "GET", "/s3/reports?list-type=2", null).statusCode())
                        .isEqualTo(403);
            }
        }
    }

    private static HttpResponse<String> call(FrontedServer fronted, String method, String target, String body) {
        return fronted.agent().call(fronted.gateway(), method, target, body);
    }
}
