package dev.errand.it;

/** Templates that read and write the documents of one project, within bounds that a test is about; and tasks of them. */
final class Templates {
    private Templates() {}

    /** @param bounds further members of the template: limits, plan, rules, reactions */
    static String bounded(String name, String bounds) {
        return """
                template: %s
                agents: ["spiffe://example.org/agent/*"]
                humans: {claim: groups, any: [release-managers]}
                lifetime: 30m
                delegation: {max-depth: 6, max-children: 1000}
                streams: {max: 1000, each: 30m}
                parameters: {project: "[a-z][a-z0-9-]{0,39}"}
                allow:
                  vault:kv.read: {resource: {path_containment: "secret/docs/{project}"}}
                  vault:kv.write: {resource: {path_containment: "secret/docs/{project}"}}
                %s
                """.formatted(name, bounds);
    }

    /** Starts a task of such a template, which a human instructed. */
    static TestAgent started(RunningGateway gateway, TestHuman human, TestWorkloads workloads, String template) {
        return TestAgent.start(
                gateway,
                TestKey.ed25519("agent"),
                human.token(),
                workloads,
                "{\"template\":\"" + template + "\",\"parameters\":{\"project\":\"payments\"},\"instruction\":"
                        + TestAgent.INSTRUCTION + "}");
    }
}
