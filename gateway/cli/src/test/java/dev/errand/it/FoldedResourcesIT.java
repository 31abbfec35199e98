package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Grants, plans and rules on resources of a server that takes several spellings for one. */
class FoldedResourcesIT {
    private static final String CATALOGUE = """
            catalogue: git
            resolver: template
            normalise: {resource-case: fold, empty-segments: fold}
            operations:
              - {id: read, match: {method: GET, path: "/r/{repo+}"}, effect: read, resource: "{repo}"}
              - {id: write, match: {method: POST, path: "/w/{repo+}"}, effect: write, resource: "{repo}"}
              - {id: drop, match: {method: DELETE, path: "/d/{repo+}"}, effect: delete, resource: "{repo}"}
            """;

    private RecordingUpstream upstream;

    @BeforeEach
    void start() {
        upstream = new RecordingUpstream();
    }

    @AfterEach
    void stop() {
        upstream.close();
    }

    private FrontedServer fronted(String allow) {
        return FrontedServer.start(
                "git", upstream.uri(), allow, Map.of(), List.of(), Map.of("operations/git.yaml", CATALOGUE));
    }

    private static int call(FrontedServer fronted, TestAgent agent, String method, String path) {
        return agent.call(fronted.gateway(), method, "/git/" + path, null).statusCode();
    }

    @Test
    void exclusion_holdsInEverySpelling_andWhatIsSentAndRecordedIsAsItCame() {
        try (FrontedServer fronted = fronted("  git:read: {resource: {not_one_of: [acme/Secret]}}\n")) {
            TestAgent agent = fronted.agent();
            for (String name : List.of("acme/secret", "ACME/SECRET", "acme//secret", "%41cme/secreT")) {
                assertThat(call(fronted, agent, "GET", "r/" + name)).as(name).isEqualTo(403);
            }
            upstream.forget();
            assertThat(call(fronted, agent, "GET", "r/Acme//App")).isEqualTo(200);
            assertThat(upstream.last().target()).isEqualTo("/r/Acme//App");
            assertThat(fronted.gateway().records()).anyMatch(line -> line.contains("[\"Acme//App\"]"));
            assertThat(call(fronted, agent, "GET", "r/acme/secre%C5%A5")).isEqualTo(400);
        }
    }

    /** A child's grant is compared with its parent's as it is written, and judged folded. */
    @Test
    void exclusionOfAParent_holdsForItsChildren() {
        try (FrontedServer fronted =
                fronted("  git:read: {resource: {wildcard: true}}\ndelegation: {max-depth: 3, max-children: 10}\n")) {
            TestAgent parent = fronted.agent()
                    .child(
                            "{\"git:read\":{\"resource\":{\"constraint_type\":\"not_one_of\",\"excluded\":[\"secret\"]}}}",
                            "{}",
                            null);
            assertThat(call(fronted, parent, "GET", "r/SECRET")).isEqualTo(403);
            TestAgent child = parent.child(
                    "{\"git:read\":{\"resource\":{\"constraint_type\":\"not_one_of\",\"excluded\":[\"secret\",\"x\"]}}}",
                    "{}",
                    null);
            assertThat(call(fronted, child, "GET", "r/SECRET")).isEqualTo(403);
            assertThat(call(fronted, child, "GET", "r/X")).isEqualTo(403);
            assertThat(call(fronted, child, "GET", "r/App")).isEqualTo(200);
        }
    }

    @Test
    void same_bindsWhatTheServerTakesForOne() {
        try (FrontedServer fronted = fronted("""
                  git:read: {resource: {path_containment: acme}}
                  git:write: {resource: {path_containment: ACME}}
                rules:
                  - {precedence: git:read, before: git:write, same: [resource]}
                """)) {
            TestAgent agent = fronted.agent();
            assertThat(call(fronted, agent, "GET", "r/Acme/App")).isEqualTo(200);
            assertThat(call(fronted, agent, "POST", "w/acme//APP")).isEqualTo(200);
            assertThat(call(fronted, agent, "POST", "w/acme/other")).isEqualTo(403);
        }
    }
}
