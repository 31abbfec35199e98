package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A gateway that asks for a nonce in every proof, for its name in each AAT proof, and for the workload's own identity on every call. */
class StrictProofIT {
    private static void refused(HttpResponse<String> answer, String code) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(401);
        assertThat(TestAgent.json(answer.body()).string("code")).isEqualTo(code);
    }

    private static String named(String claims) {
        return Edit.set(claims, "aat_aud", "\"" + RunningGateway.ISSUER + "\"");
    }

    @Test
    void nonceAndSvidDemanded_withBoth_isPermitted() {
        TestHuman human = TestHuman.releaseManager();
        TestWorkloads workloads = TestWorkloads.exampleOrg();
        String svid = workloads.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER + "/vault");
        try (RecordingUpstream upstream = new RecordingUpstream();
                RunningGateway strict = RunningGateway.with()
                        .trusting(human, workloads)
                        .upstream(upstream)
                        .property("errand.proof.nonce", "true")
                        .property("errand.proof.require-audience", "true")
                        .property("spring.cloud.gateway.server.webflux.default-filters[0]", "TaskIdentity=required")
                        .property("spring.cloud.gateway.server.webflux.default-filters[1]", "DelegationChain")
                        .property("spring.cloud.gateway.server.webflux.default-filters[2]", "TaskLimits")
                        .property("spring.cloud.gateway.server.webflux.default-filters[3]", "TaskSequence")
                        .property("spring.cloud.gateway.server.webflux.default-filters[4]", "Provenance")
                        .start()) {
            TestAgent root = TestAgent.explore(strict, human, workloads);
            refused(root.get(strict, TestAgent.READ), "identity-mismatch");
            assertThat(root.call(strict, "GET", TestAgent.READ, Map.of("Workload-SVID", svid), null)
                            .statusCode())
                    .isEqualTo(200);

            for (Attempt attempt : List.of(Attempt.by(root), Attempt.aat(root, StrictProofIT::named))) {
                RawHttp.Response asked = attempt.send(strict);
                assertThat(asked.status()).isEqualTo(401);
                assertThat(asked.header("WWW-Authenticate")).startsWith("DPoP error=\"use_dpop_nonce\"");
                assertThat(asked.header("DPoP-Nonce")).isNotEmpty();
            }
            String nonce = Attempt.by(root).send(strict).header("DPoP-Nonce");
            RawHttp.Response unnamed = Attempt.aat(root, claims -> Edit.set(claims, "nonce", "\"" + nonce + "\""))
                    .with("Workload-SVID", svid)
                    .send(strict);
            assertThat(unnamed.status()).isEqualTo(401);
            assertThat(unnamed.header("Errand-Code")).isEqualTo("invalid-proof");
            assertThat(Attempt.aat(root, claims -> named(Edit.set(claims, "nonce", "\"" + nonce + "\"")))
                            .with("Workload-SVID", svid)
                            .send(strict)
                            .status())
                    .isEqualTo(200);
        }
    }
}
