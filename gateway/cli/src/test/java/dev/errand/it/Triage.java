package dev.errand.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The gateway that the page "Your agent in ten lines" speaks of: its template {@code triage}, a ticket API, and one route
 * more.
 *
 * @param tickets what stands for the ticket API; each answer is one ticket
 */
record Triage(RecordingUpstream tickets, RunningGateway gateway) implements AutoCloseable {
    /** Where the page says that the gateway is. */
    private static final String ADDRESS = "http://127.0.0.1:8080";

    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    private static final String CATALOGUE = """
            catalogue: tickets
            resolver: template
            operations:
              - {id: ticket.read, match: {method: GET, path: "/v1/tickets/{id}"}, effect: read, resource: "{id}"}
              - {id: ticket.comment, match: {method: POST, path: "/v1/tickets/{id}/comments"}, effect: write, resource: "{id}"}
            """;

    private static final String TEMPLATE = """
            template: triage
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 15m
            delegation: {max-depth: 2, max-children: 8}
            parameters: {ticket: "[0-9]{1,10}"}
            allow:
              tickets:ticket.read: {resource: {exact: "{ticket}"}}
              tickets:ticket.comment: {resource: {exact: "{ticket}"}}
              s3:PutObject: {resource: {path_containment: "reports/2026"}}
              s3:GetObject: {resource: {path_containment: "reports/2026"}}
              k8s:pods.list: {resource: {exact: staging/_none}}
              tools:server.discover: {}
              tools:initialize: {}
              tools:notifications.initialized: {}
              tools:tools.list: {}
              tools:session.stream: {}
              tools:session.end: {}
              tools:tools.call/get_current_time: {timezone: {exact: UTC}}
            """;

    /** Starts it with the tickets alone. */
    static Triage start() {
        return start("", "");
    }

    /** Starts it with a route of this name besides, at {@code /<route>/**}. */
    static Triage start(String route, String uri) {
        RecordingUpstream tickets = new RecordingUpstream();
        tickets.answer(request -> RecordingUpstream.Answer.of(200, "{\"title\":\"Printer\"}"));
        String application = FrontedServer.application("tickets", tickets.uri(), List.of());
        if (!route.isEmpty()) {
            String more = """
                            - {id: %1$s, uri: "%2$s", predicates: ["Path=/%1$s/**"], filters: [StripPrefix=1, OperationMapping=%1$s]}
                    """.formatted(route, uri);
            application = application.replace("errand:\n", more.indent(-more.indexOf('-') + 4) + "errand:\n");
        }
        return new Triage(
                tickets,
                RunningGateway.with()
                        .trusting(HUMAN, WORKLOADS)
                        .file("application.yaml", application)
                        .file("operations/tickets.yaml", CATALOGUE)
                        .file("tasks/triage.yaml", TEMPLATE)
                        .start());
    }

    /** An example of the page with this gateway's address in it, beside the files that it reads. */
    String at(Path home, String example) throws IOException {
        if (!example.contains(ADDRESS)) {
            throw new AssertionError("the example says nothing of " + ADDRESS + ": " + example);
        }
        Files.writeString(home.resolve("human.jwt"), human());
        Files.writeString(home.resolve("agent.svid"), WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER));
        return example.replace(ADDRESS, gateway.address().toString());
    }

    /** The JWT of a human, for one start. */
    static String human() {
        return HUMAN.token();
    }

    @Override
    public void close() {
        gateway.close();
        tickets.close();
    }
}
