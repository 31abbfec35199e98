package dev.errand.it;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A gateway with one route to one server, and a holder in a task of the given grants.
 *
 * @param agent the root's holder
 */
record FrontedServer(RunningGateway gateway, TestAgent agent) implements AutoCloseable {
    /** Grants every reviewed operation of a catalogue, whatever its arguments. */
    static String everything(String catalogue) {
        return "  \"" + catalogue + ":*\": {effects: [read, list, write, delete, execute, admin]}\n";
    }

    /**
     * Starts the gateway, its route at {@code /<catalogue>/**}, and a task.
     *
     * @param allow the template's grants, YAML indented by two spaces
     */
    static FrontedServer start(String catalogue, String uri, String allow) {
        return start(catalogue, uri, allow, Map.of(), List.of());
    }

    /**
     * As above, with more.
     *
     * @param properties Spring properties, such as those of a credential
     * @param filters more filters of the route
     */
    static FrontedServer start(
            String catalogue, String uri, String allow, Map<String, String> properties, List<String> filters) {
        return start(catalogue, uri, allow, properties, filters, Map.of());
    }

    /**
     * As above, with files of its own.
     *
     * @param files of the configuration, by their paths: added, or put in the place of shipped ones
     */
    static FrontedServer start(
            String catalogue,
            String uri,
            String allow,
            Map<String, String> properties,
            List<String> filters,
            Map<String, String> files) {
        Map<String, String> all = new LinkedHashMap<>(Map.of("tasks/work.yaml", template(allow)));
        all.putAll(files);
        return start(
                application(catalogue, uri, filters), properties, all, "{\"template\":\"work\",\"parameters\":{}}");
    }

    /**
     * Starts a task of a template that stands on a page, as it stands.
     *
     * @param page the page, with one block that begins with {@code template:} and its name
     * @param details template and parameters of the start
     * @param files of the configuration, by their paths: added, or put in the place of shipped ones
     */
    static FrontedServer ofPage(
            String catalogue,
            AuditedServer server,
            Page page,
            String template,
            String details,
            Map<String, String> files) {
        Map<String, String> all = new LinkedHashMap<>(files);
        all.put("tasks/" + template + ".yaml", page.block("template: " + template));
        String application = application(catalogue, server.uri(), List.of("UpstreamCredential=" + catalogue));
        return start(application, server.credential(), all, details);
    }

    private static FrontedServer start(
            String application, Map<String, String> properties, Map<String, String> files, String details) {
        TestHuman human = TestHuman.releaseManager();
        TestWorkloads workloads = TestWorkloads.exampleOrg();
        RunningGateway.Builder builder =
                RunningGateway.with().trusting(human, workloads).file("application.yaml", application);
        properties.forEach(builder::property);
        files.forEach(builder::file);
        RunningGateway gateway = builder.start();
        TestAgent agent = TestAgent.start(gateway, TestKey.ed25519("agent"), human.token(), workloads, details);
        return new FrontedServer(gateway, agent);
    }

    /**
     * A gateway whose task is one of a template that a page shows, as it stands there.
     *
     * @param page the page
     * @param template the template's name
     * @param parameters the task's, as JSON
     */
    static FrontedServer ofPage(
            String catalogue,
            String uri,
            Map<String, String> credential,
            Page page,
            String template,
            String parameters) {
        TestHuman human = TestHuman.releaseManager();
        TestWorkloads workloads = TestWorkloads.exampleOrg();
        List<String> filters = credential.isEmpty() ? List.of() : List.of("UpstreamCredential=" + catalogue);
        RunningGateway.Builder builder = RunningGateway.with()
                .trusting(human, workloads)
                .file("application.yaml", application(catalogue, uri, filters))
                .file("tasks/" + template + ".yaml", page.block("template: " + template));
        credential.forEach(builder::property);
        RunningGateway gateway = builder.start();
        TestAgent agent = TestAgent.start(
                gateway,
                TestKey.ed25519("agent"),
                human.token(),
                workloads,
                "{\"template\":\"" + template + "\",\"parameters\":" + parameters + "}");
        return new FrontedServer(gateway, agent);
    }

    static String application(String catalogue, String uri, List<String> filters) {
        StringBuilder more = new StringBuilder();
        filters.forEach(filter -> more.append(", ").append(filter));
        return """
                spring.cloud.gateway.server.webflux:
                  default-filters: [TaskIdentity, DelegationChain, TaskLimits, TaskSequence, Provenance]
                  routes:
                    - id: %1$s
                      uri: %2$s
                      predicates: [Path=/%1$s/**]
                      filters: [StripPrefix=1, OperationMapping=%1$s%3$s]
                errand:
                  issuer: http://127.0.0.1:8080
                  trust-domain: example.org
                  keys: file:data/keys.jwks
                  trust:
                    humans: [{issuer: "https://idp.example.org", jwks: "file:idp.jwks", audience: errand}]
                    workloads: [{trust-domain: example.org, bundle: "file:example.org.json"}]
                    max-lifetime: 1h
                  state: {redis: embedded}
                  provenance: {directory: data/provenance, durability: os}
                """.formatted(catalogue, uri, more);
    }

    static String template(String allow) {
        return """
                template: work
                description: Work with one server
                agents: ["spiffe://example.org/agent/*"]
                humans: {claim: groups, any: [release-managers]}
                lifetime: 60m
                allow:
                """ + allow + """
                limits: {calls: 1000000}
                on-violation: {repeated: {denials: 10000, within: 60s, then: deny}}
                """;
    }

    /**
     * The same template with rules, which refuse and do not end the task.
     *
     * @param rules YAML of the key, indented by two spaces
     */
    static String ruled(String allow, String rules) {
        return template(allow).replace("on-violation: {", "on-violation: {rule: deny, ") + "rules:\n" + rules;
    }

    @Override
    public void close() {
        gateway.close();
    }
}
