package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonObject;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code GET /oauth2/task} says of calls that are refused before a grant is looked at. */
class WouldIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    private static final String VIEW = "/oauth2/task";

    private static RecordingUpstream upstream;
    private static RunningGateway gateway;
    private static TestAgent agent;

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .file("operations/forge.yaml", """
                        catalogue: forge
                        resolver: template
                        normalise: {resource-case: fold, empty-segments: fold}
                        operations:
                          - {id: read, match: {method: GET, path: "/r/{repo+}"}, effect: read, resource: "{repo}"}
                        """)
                .file("tasks/folds.yaml", """
                        template: folds
                        agents: ["spiffe://example.org/agent/*"]
                        humans: {claim: groups, any: [release-managers]}
                        lifetime: 30m
                        parameters: {project: "[a-z]+"}
                        allow:
                          tools:tools.call/echo: {message: {one_of: [a, b]}, "*": {wildcard: true}}
                          forge:read: {resource: {not_one_of: [acme/Secret]}}
                        """)
                .route("{id: tools, uri: \"" + upstream.uri()
                        + "\", predicates: [Path=/tools/**], filters: [StripPrefix=1, OperationMapping=tools]}")
                .start();
        agent = Templates.started(gateway, HUMAN, WORKLOADS, "folds");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "tools:tools.call/echo | - | {\"message\":\"a\",\"other\":1} | -",
                "tools:tools.call/echo | - | {\"message\":\"a\",\"Message\":\"c\"} | malformed-request",
                "forge:read | ACME//App | {} | -",
                "forge:read | ACME//SECRET | {} | constraint-violated",
                "forge:read | acme/secre\u0165 | {} | malformed-request",
                "forge:read | - | {\"resource\":\"acme/secre\u0165\"} | malformed-request"
            })
    void would_refusesWhatACallIsRefusedFor(String operation, String resource, String arguments, String code)
            throws Exception {
        String query = "?operation=" + encoded(operation)
                + (resource == null ? "" : "&resource=" + encoded(resource))
                + "&arguments=" + encoded(arguments);
        HttpRequest request = HttpRequest.newBuilder(URI.create(gateway.address() + VIEW + query))
                .header("Authorization", "DPoP " + agent.token())
                .header("DPoP", agent.dpop("GET", VIEW))
                .build();
        JsonObject would = TestAgent.json(
                        TestAgent.HTTP.send(request, BodyHandlers.ofString()).body())
                .object("would");
        assertThat(would.string("code")).isEqualTo(code);
        assertThat(would.string("outcome")).isEqualTo(code == null ? "permit" : "deny");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
