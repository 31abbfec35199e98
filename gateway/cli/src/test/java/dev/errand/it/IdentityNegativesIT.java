package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What must not pass: every case differs from a call that is permitted in one thing, goes over HTTP, and is answered with
 * its status, its code and, for a verified holder, its step, which the log has in any case. The upstream sees none of them.
 */
class IdentityNegativesIT {
    /** Chains that nothing but time is against, shown by the holder of the leaf, who is told so. */
    private static final Set<String> EXPIRED = Set.of("3e expired", "4i expired");

    private static final Set<String> UNVERIFIED =
            Set.of("type", "title", "status", "detail", "code", "decision", "next");

    /** Below the rate at which refusals of unverified callers are recorded one by one. */
    private static final long PACE_MILLIS = 12;

    @TempDir
    static Path directory;

    private static Scene scene;

    @BeforeAll
    static void start() throws IOException {
        scene = Scene.start(directory);
    }

    @AfterAll
    static void stop() {
        scene.close();
    }

    @TestFactory
    List<DynamicTest> shape() {
        return tests(ShapeCases.all(scene));
    }

    @TestFactory
    List<DynamicTest> root() {
        return tests(RootCases.all(scene));
    }

    @TestFactory
    List<DynamicTest> derived() {
        return tests(DerivedCases.all(scene));
    }

    @TestFactory
    List<DynamicTest> chains() {
        return tests(ChainCases.all(scene));
    }

    @TestFactory
    List<DynamicTest> proofs() {
        return tests(ProofCases.all(scene));
    }

    @TestFactory
    List<DynamicTest> order() {
        return tests(OrderCases.all(scene));
    }

    @TestFactory
    List<DynamicTest> workloads() {
        return tests(WorkloadCases.all(scene));
    }

    @Test
    void cases_count_isNotBelowWhatWasPromised() {
        assertThat(List.of(
                                ShapeCases.all(scene),
                                RootCases.all(scene),
                                DerivedCases.all(scene),
                                ChainCases.all(scene),
                                ProofCases.all(scene),
                                WorkloadCases.all(scene))
                        .stream()
                        .mapToInt(List::size)
                        .sum())
                .isGreaterThanOrEqualTo(120);
    }

    @Test
    void call_unchanged_isPermitted() {
        for (TestAgent agent : List.of(scene.root(), scene.child(), scene.grandchild())) {
            assertThat(Attempt.by(agent).send(scene.gateway()).status()).isEqualTo(200);
            assertThat(Attempt.aat(agent, claims -> claims)
                            .send(scene.gateway())
                            .status())
                    .isEqualTo(200);
        }
        assertThat(Attempt.by(scene.forged(claims -> claims))
                        .send(scene.gateway())
                        .status())
                .isEqualTo(200);
        assertThat(Attempt.by(scene.derived(claims -> claims))
                        .send(scene.gateway())
                        .status())
                .isEqualTo(200);
        assertThat(Attempt.by(scene.root())
                        .with("Workload-SVID", scene.svid())
                        .send(scene.gateway())
                        .status())
                .isEqualTo(200);
        scene.upstream().forget();
    }

    private static List<DynamicTest> tests(List<Case> cases) {
        return cases.stream()
                .map(c -> DynamicTest.dynamicTest(c.name(), () -> refused(c)))
                .toList();
    }

    private static void refused(Case c) throws InterruptedException {
        Thread.sleep(PACE_MILLIS);
        int before = scene.upstream().seen().size();
        RawHttp.Response answer = c.attempt().get().send(c.replica());

        assertThat(answer.status()).as(answer.body()).isEqualTo(c.status());
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        JsonObject problem = TestAgent.json(answer.body());
        assertThat(problem.string("code")).isEqualTo(c.code());
        assertThat(problem.string("type")).isEqualTo(RunningGateway.ISSUER + "/problems/" + c.code());
        if (c.verified()) {
            assertThat(problem.string("task")).isNotEmpty();
            assertThat(problem.string("step")).isEqualTo(c.step());
            assertThat(problem.get("interrupted")).isNotNull();
        } else {
            assertThat(problem.members().keySet()).isEqualTo(UNVERIFIED);
            assertThat(problem.string("detail"))
                    .isEqualTo(EXPIRED.contains(c.name()) ? "the token has expired" : problem.string("title"));
        }
        challenged(c, answer);
        assertThat(scene.upstream().seen()).hasSize(before);
        assertThat(recorded(c.replica(), String.valueOf(problem.string("decision"))))
                .containsEntry("outcome", "deny")
                .containsEntry("code", c.code())
                .containsEntry("step", String.valueOf(c.step()));
    }

    private static void challenged(Case c, RawHttp.Response answer) {
        String challenge = answer.header("WWW-Authenticate");
        switch (c.code()) {
            case "authentication-required" ->
                assertThat(challenge)
                        .isEqualTo("DPoP algs=\"ES256 Ed25519 EdDSA\", resource_metadata=\"" + RunningGateway.ISSUER
                                + "/.well-known/oauth-protected-resource/vault\"");
            case "invalid-proof" -> assertThat(challenge).startsWith("DPoP error=\"invalid_dpop_proof\"");
            case "malformed-request" -> assertThat(challenge).isNull();
            case "not-granted", "constraint-violated" ->
                assertThat(challenge).startsWith("DPoP error=\"insufficient_scope\", scope=\"");
            default -> assertThat(challenge).isEqualTo("DPoP error=\"invalid_token\"");
        }
    }

    /** The members of the decision's record that are texts, and {@code step}. */
    private static Map<String, String> recorded(RunningGateway gateway, String decision) {
        String line = gateway.records().stream()
                .filter(record -> record.contains("\"" + decision + "\""))
                .reduce((first, second) -> second)
                .orElseThrow(() -> new AssertionError("no record of " + decision));
        JsonObject record = TestAgent.json(line);
        return Map.of(
                "outcome", String.valueOf(record.string("outcome")),
                "code", String.valueOf(record.string("code")),
                "step", String.valueOf(record.string("step")));
    }
}
