package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** An AAT-PoP that was refused stays unused: whoever saw it may send it again, and must not end the task so. */
class DeniedProofIT {
    private static final String ELSEWHERE = "/vault/v1/secret/data/docs/billing/a";

    /** The call of another project's document, with a proof of its own. */
    private static Attempt denied(TestAgent agent) {
        return Attempt.aat(agent, claims -> Edit.set(claims, "hta", "{\"resource\":\"secret/docs/billing/a\"}"))
                .to(Attempt.GET, ELSEWHERE);
    }

    private static void isDenied(RawHttp.Response answer, boolean interrupted) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(403);
        assertThat(answer.body()).contains("\"constraint-violated\"").contains("\"interrupted\":" + interrupted);
    }

    @Test
    void deniedProof_sentAgainByAnObserver_endsNothing() {
        TestHuman human = TestHuman.releaseManager();
        TestWorkloads workloads = TestWorkloads.exampleOrg();
        try (RecordingUpstream upstream = new RecordingUpstream();
                RunningGateway gateway = RunningGateway.with()
                        .trusting(human, workloads)
                        .upstream(upstream)
                        .file(
                                "tasks/strict.yaml",
                                TestAgent.EXPLORE_TEMPLATE
                                        .replace("template: explore", "template: strict")
                                        .replace("denials: 10000", "denials: 4"))
                        .start()) {
            TestAgent agent = TestAgent.start(
                    gateway,
                    TestKey.ed25519("agent"),
                    human.token(),
                    workloads,
                    TestAgent.EXPLORE.replace("explore", "strict"));
            Attempt caught = denied(agent);
            for (int again = 0; again < 12; again++) {
                isDenied(caught.send(gateway), false);
            }
            assertThat(Attempt.by(agent).send(gateway).status()).isEqualTo(200);
            // Three of the holder's own, each of another operation or code.
            assertThat(agent.call(gateway, "POST", ELSEWHERE, "{}").body()).contains("\"interrupted\":false");
            assertThat(agent.call(gateway, "DELETE", ELSEWHERE, null).body()).contains("\"interrupted\":false");
            assertThat(agent.call(gateway, "GET", ELSEWHERE.replace("/data/", "/metadata/"), null)
                            .body())
                    .contains("\"interrupted\":true");
        }
    }
}
