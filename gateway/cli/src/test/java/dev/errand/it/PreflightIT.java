package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A browser's cross-origin requests are calls like any other: decided and recorded, and no answer is given beside that. */
class PreflightIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String CATALOGUE = """
            catalogue: web
            resolver: template
            operations:
              - {id: page.ask, match: {method: OPTIONS, path: "/page"}, effect: read, resource: page}
            """;

    private static RecordingUpstream upstream;
    private static RunningGateway gateway;
    private static TestAgent agent;

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .file("operations/web.yaml", CATALOGUE)
                .file(
                        "tasks/explore.yaml",
                        TestAgent.EXPLORE_TEMPLATE.replace(
                                "allow:\n", "allow:\n  web:page.ask: {resource: {exact: page}}\n"))
                .route("{id: web, uri: \"" + upstream.uri()
                        + "\", predicates: [Path=/web/**], filters: [StripPrefix=1, OperationMapping=web]}")
                .property(
                        "spring.cloud.gateway.server.webflux.globalcors.cors-configurations.[/**].allowed-origins",
                        "https://page.example")
                .property(
                        "spring.cloud.gateway.server.webflux.globalcors.cors-configurations.[/**].allowed-methods",
                        "GET")
                .start();
        agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    private static RawHttp.Response options(String target, String origin) {
        return RawHttp.send(
                gateway.port(), "OPTIONS", target, List.of("Origin: " + origin, "Access-Control-Request-Method: GET"));
    }

    private static long refused() {
        return gateway.records().stream()
                .filter(line -> line.contains("\"code\":\"authentication-required\""))
                .count();
    }

    @Test
    void preflight_ofNobody_isRefusedAndRecorded() {
        long before = refused();
        for (String origin : List.of("https://attacker.example", "https://page.example")) {
            RawHttp.Response answer = options(TestAgent.READ, origin);
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.header("Access-Control-Allow-Origin")).isNull();
        }
        assertThat(refused()).isEqualTo(before + 2);
    }

    @Test
    void preflight_withoutARoute_is404() {
        assertThat(options("/nowhere", "https://page.example").status()).isEqualTo(404);
    }

    private static HttpResponse<String> options(String target) {
        return agent.call(
                gateway,
                "OPTIONS",
                target,
                Map.of("Origin", "https://attacker.example", "Access-Control-Request-Method", "GET"),
                null);
    }

    @Test
    void preflight_ofAHolder_isAnOperation() {
        HttpResponse<String> unknown = options(TestAgent.READ);
        assertThat(TestAgent.json(unknown.body()).string("code")).isEqualTo("unknown-operation");

        assertThat(options("/web/page").statusCode()).isEqualTo(200);
        assertThat(upstream.last().method()).isEqualTo("OPTIONS");
        assertThat(upstream.last().header("Access-Control-Request-Method")).isNull();
    }

    @Test
    void requestOfAnotherOrigin_isACallLikeAnyOther() {
        HttpResponse<String> read =
                agent.call(gateway, "GET", TestAgent.READ, Map.of("Origin", "https://attacker.example"), null);
        assertThat(read.statusCode()).as(read.body()).isEqualTo(200);
        assertThat(read.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
        assertThat(upstream.last().header("Origin")).isNull();
        assertThat(RawHttp.send(gateway.port(), "GET", TestAgent.READ, List.of("Origin: https://attacker.example"))
                        .status())
                .isEqualTo(401);
    }
}
