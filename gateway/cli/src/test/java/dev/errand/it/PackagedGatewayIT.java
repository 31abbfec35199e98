package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.errand.FreePort;
import dev.errand.json.JsonValue.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which provider signs and verifies in the jar that users get, and where its native library does not load; and that it says so. */
class PackagedGatewayIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    @Test
    void run_onAPlatformOfTheNativeLibrary_usesItAndSaysSo() throws Exception {
        assumeTrue("Linux".equals(System.getProperty("os.name"))
                && Set.of("amd64", "aarch64").contains(System.getProperty("os.arch")));
        JsonObject details = started(GatewayProcess.Launch.jar(), "INFO", "AmazonCorrettoCryptoProvider");
        assertThat(details.string("provider")).startsWith("AmazonCorrettoCryptoProvider");
        assertThat(details.string("fault")).isNull();
    }

    @Test
    void run_whereTheNativeLibraryDoesNotLoad_usesTheJdkWarnsAndWorks() throws Exception {
        JsonObject details = started(
                GatewayProcess.Launch.classes(
                        List.of("-Xmx256m", "-Dcom.amazon.corretto.crypto.provider.useExternalLib=true"), Map.of()),
                "WARN",
                "JDK");
        assertThat(details.string("provider")).startsWith("JDK");
        assertThat(details.string("fault")).isNotBlank();
    }

    /** Starts the gateway and a task on it; its health's word on the provider. */
    private static JsonObject started(GatewayProcess.Launch launch, String level, String provider) throws Exception {
        int management = FreePort.next();
        RunningGateway.Builder builder = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .property("management.server.port", Integer.toString(management));
        try (GatewayProcess gateway = new GatewayProcess(builder, launch)) {
            HttpResponse<String> granted = TokenCall.start(HUMAN, WORKLOADS).send(gateway.address());
            assertThat(granted.statusCode()).as(granted.body()).isEqualTo(200);
            assertThat(gateway.output()).containsPattern(level + ".*signatures are made and verified with " + provider);
            HttpRequest health = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + management + "/actuator/health"))
                    .header(
                            "Authorization",
                            "Bearer "
                                    + Files.readString(gateway.directory().resolve("data/operator-token"))
                                            .strip())
                    .build();
            String body = TestAgent.HTTP
                    .send(health, HttpResponse.BodyHandlers.ofString())
                    .body();
            JsonObject components = Objects.requireNonNull(Jws.object(body).object("components"));
            JsonObject component = Objects.requireNonNull(components.object("cryptoProvider"));
            assertThat(component.string("status")).isEqualTo("UP");
            return Objects.requireNonNull(component.object("details"));
        }
    }
}
