package dev.errand.offline.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import dev.errand.offline.proof.PropertyCheck.Finding;
import dev.errand.offline.scenario.Scenario;
import dev.errand.offline.scenario.ScenarioReader;
import dev.errand.offline.scenario.ScenarioRun;
import dev.errand.operation.RoutedRequest;
import dev.errand.proof.Property;
import dev.errand.template.Policies;
import dev.errand.template.PolicyFiles;
import dev.errand.template.TemplateParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Properties of whole directories, and the scenarios that show where they do not hold. */
class PropertyCheckTest {
    static final Path CONFIG = Path.of(System.getProperty("basedir", "."))
            .toAbsolutePath()
            .resolve("../../config")
            .normalize();

    private static final String CATALOGUE = """
            catalogue: t
            resolver: template
            operations:
              - {id: read, match: {method: GET, path: "/a/{r}"}, effect: read, resource: "{r}", returns: {key: "body:/keys/*/id"}}
              - {id: write, match: {method: PUT, path: "/b/{r}"}, effect: write, resource: "{r}", params: {n: "body:/n"}}
              - {id: delete, match: {method: DELETE, path: "/d/{r}"}, effect: delete, resource: "{r}"}
            """;

    private static final String HEAD = """
            template: x
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: g, any: [a]}
            ask: {by: {claim: g, any: [a], clients: [c]}, quorum: 2}
            parameters: {p: "[A-Z]{3}-[0-9]{2,4}"}
            """;

    @TempDir
    private Path directory;

    /** The routes of scenarios that have no request. */
    static RoutedRequest noRoute(Scenario.Request request) {
        throw new AssertionError(request.target());
    }

    private static Policies policies(Path directory) {
        Faults faults = new Faults();
        Policies policies = new PolicyFiles(directory, Map.of(), new TemplateParser()).load(faults);
        assertThat(faults.list()).isEmpty();
        return policies;
    }

    /** The properties of the shipped templates hold, and each template has some. */
    @Test
    void shippedProperties_hold() {
        Policies policies = policies(CONFIG);
        PropertyCheck check = new PropertyCheck(CONFIG, policies);
        Faults faults = new Faults();
        List<Property> properties = check.read(faults);
        assertThat(faults.list()).isEmpty();
        List<Finding> findings = check.prove(properties, Duration.ofMinutes(1));
        assertThat(findings).noneMatch(Finding::isOpen);
        assertThat(findings.stream().map(each -> each.template().name()).distinct())
                .containsExactlyInAnyOrderElementsOf(policies.templates().keySet());
    }

    private List<String> replayed(String template, String property) throws IOException {
        Files.createDirectories(directory.resolve("operations"));
        Files.createDirectories(directory.resolve("tasks"));
        Files.createDirectories(directory.resolve("properties"));
        Files.writeString(directory.resolve("operations/t.yaml"), CATALOGUE);
        Files.writeString(directory.resolve("tasks/x.yaml"), HEAD + template);
        Files.writeString(
                directory.resolve("properties/p.yaml"),
                "properties:\n  - {name: P 1, templates: \"*\", " + property + "}\n");
        Policies policies = policies(directory);
        PropertyCheck check = new PropertyCheck(directory, policies);
        Faults faults = new Faults();
        List<Finding> findings = check.prove(check.read(faults), Duration.ofMinutes(1));
        assertThat(faults.list()).isEmpty();
        assertThat(findings).hasSize(1).allMatch(Finding::isOpen);
        for (Path file : check.write(findings, directory.resolve("tests"))) {
            Scenario scenario =
                    ScenarioReader.read(file, "tests/p-1-x.yaml", faults).orElseThrow();
            assertThat(ScenarioRun.play(directory, policies, PropertyCheckTest::noRoute, scenario))
                    .as(Files.readString(file))
                    .isEmpty();
            assertThat(file).hasFileName("p-1-x.yaml");
            return Files.readAllLines(file);
        }
        throw new AssertionError(findings.get(0).told().toString());
    }

    @Test
    void counterexample_isAScenario() throws IOException {
        assertThat(replayed("""
                        allow: {t:read: {resource: {exact: "{p}"}}, t:write: {resource: {exact: "{p}"}, n: {range: {max: 5}}}}
                        limits: {operations: {t:write: [{capacity: 1, per: 10s}]}}
                        sequence: [t:read, {t:write: 1..*}]
                        """, "bounded: \"t:write\", at-most: 2"))
                .contains(
                        "parameters: {\"p\":\"AAA-00\"}",
                        "  - {call: \"t:read\", resource: \"AAA-00\"}",
                        "  - {call: \"t:write\", resource: \"AAA-00\", arguments: {\"n\":5}, after: 10000ms}");
    }

    @Test
    void approvedCall_passesInTheScenario() throws IOException {
        assertThat(replayed("""
                        allow: {t:read: {resource: {exact: a}}, t:write: {resource: {exact: a}}}
                        on-violation: {sequence: ask, rule: ask}
                        sequence: [t:read]
                        rules: [{absence: "t:write", after: "t:read"}]
                        """, "absence: \"t:write\", after: \"t:read\""))
                .contains("  - {call: \"t:write\", resource: \"a\", approve: true}");
    }

    @Test
    void timeAndData_areInTheScenario() throws IOException {
        assertThat(replayed("""
                        allow: {t:read: {resource: {exact: a}}, t:write: {resource: {exact: a}}}
                        rules: [{absence: "t:write", after: "t:read", within: 10m}, {from: {t:read: key}, to: {t:write: resource}}]
                        """, "absence: \"t:write\", after: \"t:read\""))
                .contains(
                        "  - {call: \"t:read\", resource: \"a\", answers: {status: 200, body: {\"keys\":[{\"id\":\"a\"}]}}}",
                        "  - {call: \"t:write\", resource: \"a\", after: 600001ms}");
    }

    @Test
    void pinnedValues_areInTheScenario() throws IOException {
        assertThat(replayed(
                        "allow: {t:write: {resource: {pinned: {path_containment: x}}}}\n",
                        "bounded: \"t:write\", at-most: 1"))
                .contains("pinned: {\"t:write\":{\"resource\":[\"x/a\"]}}");
    }

    @Test
    void refusedCall_isRefusedNextTime() throws IOException {
        Files.createDirectories(directory.resolve("tasks"));
        Files.createDirectories(directory.resolve("operations"));
        Files.writeString(directory.resolve("operations/t.yaml"), CATALOGUE);
        Files.writeString(
                directory.resolve("tasks/x.yaml"),
                HEAD + "allow: {t:delete: {resource: {exact: \"{p}\"}, ask: always}}\n");
        Path file = directory.resolve("s.yaml");
        Files.writeString(file, """
                template: x
                parameters: {p: ABC-12}
                calls:
                  - {call: "t:delete", resource: ABC-12, approve: true}
                  - {call: "t:delete", resource: ABC-12, expect: approval-required}
                  - {call: "t:delete", resource: ABC-12, approve: refuse, expect: approval-required}
                  - {call: "t:delete", resource: ABC-12, expect: approval-refused}
                """);
        Faults faults = new Faults();
        Scenario scenario = ScenarioReader.read(file, "s.yaml", faults).orElseThrow();
        assertThat(ScenarioRun.play(directory, policies(directory), PropertyCheckTest::noRoute, scenario))
                .isEmpty();
        Files.writeString(file, "template: x\ncalls: [{call: \"t:delete\", approve: yes}]\n");
        assertThat(ScenarioReader.read(file, "s.yaml", faults)).isEmpty();
        assertThat(faults.toString()).isEqualTo("s.yaml:2:37: `approve` is true, offer or refuse, found 'yes'");
    }
}
