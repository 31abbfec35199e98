package dev.errand.agent.listen;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class TrailersTest {
    @Test
    void credentials_inTrailers_endHere_alsoWhenTheCallIsSentAgain() throws Exception {
        List<String> bodies = new CopyOnWriteArrayList<>();
        try (ScriptedGateway gateway = new ScriptedGateway(request -> {
                    bodies.add(ScriptedGateway.head(request.socket().getInputStream()));
                    boolean first = request.number() == 0;
                    request.answer(
                            first ? 429 : 200,
                            first
                                    ? "Errand-Code: rate-exceeded\r\nErrand-Next: retry\r\nErrand-Sent: no\r\nRetry-After: 0\r\n"
                                    : "",
                            "");
                });
                TestCompanion companion = new TestCompanion(gateway.url(), Duration.ofSeconds(5))) {
            assertThat(companion.raw("POST " + TestCompanion.SECRET + "/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                            + "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nAuthorization: mine\r\n"
                            + "X_Vault_Token: mine\r\nCookie: mine\r\nKept: yes\r\n\r\n"))
                    .startsWith("HTTP/1.1 200");
            assertThat(bodies)
                    .hasSize(2)
                    .allSatisfy(body ->
                            assertThat(body).contains("body", "Kept: yes").doesNotContain("mine"));
        }
    }
}
