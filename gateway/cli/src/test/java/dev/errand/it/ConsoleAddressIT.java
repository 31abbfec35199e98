package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Operators sign in at the address that their browsers use, behind something in front of the operator port. */
class ConsoleAddressIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    private static OperatorProvider provider;
    private static RecordingUpstream upstream;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() throws Exception {
        provider = new OperatorProvider();
        upstream = new RecordingUpstream();
        RunningGateway.Builder builder = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .property("errand.operator.console", "https://console.example.org/")
                .file("operators.jwks", provider.jwks());
        entry(builder, 0, "by-audience", "urn:example:operators", null);
        entry(builder, 1, "by-scope", "urn:example:operators", "none");
        entry(builder, 2, "by-name", "operators", "urn:example:api");
        gateway = builder.start();
    }

    private static void entry(
            RunningGateway.Builder builder, int place, String name, String audience, @Nullable String resource) {
        String entry = "errand.operators[" + place + "].";
        builder.property(entry + "name", name)
                .property(entry + "role", "VIEW")
                .property(entry + "issuer", provider.issuer())
                .property(entry + "jwks", "file:operators.jwks")
                .property(entry + "audience", audience)
                .property(entry + "claim", "groups")
                .property(entry + "any[0]", "sre")
                .property(entry + "login.client-id", "errand-console");
        if (resource != null) {
            builder.property(entry + "login.resource", resource);
        }
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
        provider.close();
    }

    /** The head of the answer to a browser that goes to the sign-in. */
    private static String head(String name, String host) throws Exception {
        try (Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), gateway.managementPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("GET /console/sign-in/" + name + " HTTP/1.1\r\nHost: " + host
                                    + "\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n"
                                    + "Sec-Fetch-Site: same-origin\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private static Map<String, String> asked(String name) throws Exception {
        String head = head(name, "console.example.org");
        assertThat(head).startsWith("HTTP/1.1 303 ");
        String location = head.replaceAll("(?is).*\\nlocation: ([^\\r\\n]*).*", "$1");
        assertThat(location).startsWith(provider.issuer() + "/authorize?");
        return TestProvider.parameters(location.substring(location.indexOf('?') + 1));
    }

    @Test
    void signIn_comesBackToTheAddressOfTheBrowser() throws Exception {
        assertThat(asked("by-scope"))
                .containsEntry("redirect_uri", "https://console.example.org/console/callback/by-scope");
        assertThat(head("by-scope", "other.example.org")).startsWith("HTTP/1.1 403 ");
    }

    @Test
    void resource_isTheAudienceWhereThatIsAUri_orWhatIsWritten() throws Exception {
        assertThat(asked("by-audience")).containsEntry("resource", "urn:example:operators");
        assertThat(asked("by-scope")).doesNotContainKey("resource");
        assertThat(asked("by-name")).containsEntry("resource", "urn:example:api");
    }
}
