package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.Patience;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code when: step}: a credential exists only while the plan may still use it. */
class StepCredentialIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    @TempDir
    private static Path directory;

    private static VaultLogins vault;
    private static RecordingUpstream ci;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() {
        vault = new VaultLogins();
        ci = new RecordingUpstream();
        // A prefix of its own: templates of others without a plan grant operations of vault.
        String application = FrontedServer.application("vault", vault.uri(), List.of("UpstreamCredential=vault"))
                .replace("OperationMapping=vault", "'OperationMapping=vault,as=secrets'")
                .replace(
                        "errand:\n",
                        "    - id: ci\n      uri: " + ci.uri() + "\n      predicates: [Path=/ci/**]\n"
                                + "      filters: [StripPrefix=1, OperationMapping=ci]\nerrand:\n");
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file("application.yaml", application)
                .file(
                        "tasks/work.yaml",
                        FrontedServer.template("  secrets:kv.read: {}\n  ci:version: {}\n")
                                + "sequence:\n  - secrets:kv.read: 2\n  - ci:version\n")
                .property("errand.credential-keys", "file:" + CredentialKeysFile.in(directory))
                .property("errand.upstreams.vault.vault-login.url", vault.uri())
                .property("errand.upstreams.vault.vault-login.role", "errand")
                .property("errand.upstreams.vault.vault-login.per", "task")
                .property("errand.upstreams.vault.vault-login.audience", "vault")
                .property("errand.upstreams.vault.vault-login.when", "step")
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        ci.close();
        vault.close();
    }

    @Test
    void credential_isGivenBackBehindTheLastStepThatUsesIt_whileTheTaskGoesOn() throws Exception {
        TestAgent agent = TestAgent.start(
                gateway,
                TestKey.ed25519("agent"),
                HUMAN.token(),
                WORKLOADS,
                "{\"template\":\"work\",\"parameters\":{}}");
        good(agent.get(gateway, "/vault/v1/secret/data/a"));
        Thread.sleep(1_500);
        assertThat(vault.known()).as("the second read is still to come").hasSize(1);
        good(agent.get(gateway, "/vault/v1/secret/data/b"));
        await().atMost(Patience.of(Duration.ofSeconds(3)))
                .until(() -> vault.known().isEmpty());
        assertThat(vault.revoked()).as("one served both reads").hasSize(1);
        good(agent.get(gateway, "/ci/api/v1/version"));
    }

    private static void good(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }
}
