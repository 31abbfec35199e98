package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which pools of connections the calls of a running gateway are sent by, as its meters tell. */
class ConnectionsIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final Pattern POOL =
            Pattern.compile("reactor_netty_connection_provider_total_connections\\{[^}]*name=\"([^\"]+)\"[^}]*} [1-9]");

    @ParameterizedTest
    @CsvSource({
        "'', true",
        // An upstream may choose HTTP/2 then, one connection of which carries the calls of all loops.
        "server.http2.enabled=true, false",
        "spring.cloud.gateway.server.webflux.httpclient.pool.max-connections=4, false",
        "spring.cloud.gateway.server.webflux.httpclient.pool.type=elastic, true"
    })
    void call_isSentByItsLoopsOwnConnection(String setting, boolean own) throws Exception {
        String[] property = setting.split("=");
        // The meters of all gateways of this process are in one registry.
        String name = "pool" + Integer.toHexString(setting.hashCode());
        try (RecordingUpstream upstream = new RecordingUpstream()) {
            RunningGateway.Builder builder = RunningGateway.with()
                    .trusting(HUMAN, WORKLOADS)
                    .file("tasks/explore.yaml", TestAgent.EXPLORE_TEMPLATE)
                    .property("vault.uri", upstream.uri())
                    .property("spring.cloud.gateway.server.webflux.httpclient.pool.name", name)
                    .property("spring.cloud.gateway.server.webflux.httpclient.pool.metrics", "true");
            if (property.length == 2) {
                builder = builder.property(property[0], property[1]);
            }
            try (RunningGateway gateway = builder.start()) {
                TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
                for (int i = 0; i < 10; i++) {
                    assertThat(agent.get(gateway, TestAgent.READ).statusCode()).isEqualTo(200);
                }
                Set<String> used = pools(gateway, name);
                assertThat(used).isNotEmpty();
                // Also the first, which waited for the credential's file.
                assertThat(used).allMatch(pool -> pool.matches(".*-[0-9]+") == own);
            }
        }
    }

    private static Set<String> pools(RunningGateway gateway, String name) throws Exception {
        String token = Files.readString(gateway.directory().resolve("data/operator-token"))
                .strip();
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator/prometheus"))
                .header("Authorization", "Bearer " + token)
                .build();
        String meters = TestAgent.HTTP.send(request, BodyHandlers.ofString()).body();
        Set<String> names = new TreeSet<>();
        for (Matcher pool = POOL.matcher(meters); pool.find(); ) {
            if (pool.group(1).startsWith(name)) {
                names.add(pool.group(1));
            }
        }
        return names;
    }
}
