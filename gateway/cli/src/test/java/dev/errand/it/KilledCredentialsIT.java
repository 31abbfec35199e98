package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.Patience;
import dev.errand.cli.AgentClient;
import dev.errand.json.JsonValue.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replica that is killed leaves its tasks' credentials to another one; a replica that stops gives them back itself. */
@Tag("faults")
class KilledCredentialsIT {
    private static final String READ = "/vault/v1/secret/data/a";

    @TempDir
    private Path directory;

    @Test
    void killedReplica_isGivenBackByAnother_within30Seconds() throws Exception {
        TestHuman human = TestHuman.releaseManager();
        TestWorkloads workloads = TestWorkloads.exampleOrg();
        try (SharedRedis redis = new SharedRedis(directory);
                VaultLogins vault = new VaultLogins()) {
            Path keys = CredentialKeysFile.in(directory);
            try (GatewayProcess killed = new GatewayProcess(builder(human, workloads, redis, vault, keys));
                    GatewayProcess other = new GatewayProcess(builder(human, workloads, redis, vault, keys))) {
                for (int i = 0; i < 5; i++) {
                    assertThat(call(killed, human, workloads)).isEqualTo(200);
                }
                assertThat(call(other, human, workloads)).isEqualTo(200);
                assertThat(vault.known()).hasSize(6);
                killed.process().destroyForcibly().waitFor();
                long begun = System.nanoTime();
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> vault.revoked().size() == 5);
                System.out.println("given back by another after, s: "
                        + Duration.ofNanos(System.nanoTime() - begun).toSeconds());
                assertThat(vault.known()).as("the other replica's own").hasSize(1);
                other.stop();
                await().atMost(Patience.of(Duration.ofSeconds(5)))
                        .until(() -> vault.known().isEmpty());
                assertThat(other.output()).doesNotContain("hvs.secret");
                assertThat(killed.output()).doesNotContain("hvs.secret");
            }
        }
    }

    private static RunningGateway.Builder builder(
            TestHuman human, TestWorkloads workloads, SharedRedis redis, VaultLogins vault, Path keys) {
        return RunningGateway.with()
                .trusting(human, workloads)
                .file(
                        "application.yaml",
                        FrontedServer.application("vault", vault.uri(), List.of("UpstreamCredential=vault")))
                .file("tasks/work.yaml", FrontedServer.template(FrontedServer.everything("vault")))
                .sharing(redis, redis.keys())
                .property("errand.credential-keys", "file:" + keys)
                .property("errand.upstreams.vault.vault-login.url", vault.uri())
                .property("errand.upstreams.vault.vault-login.role", "errand")
                .property("errand.upstreams.vault.vault-login.per", "task")
                .property("errand.upstreams.vault.vault-login.audience", "vault");
    }

    private static int call(GatewayProcess gateway, TestHuman human, TestWorkloads workloads) {
        TestKey key = TestKey.ed25519("agent");
        AgentClient client = new AgentClient(gateway.address(), RunningGateway.ISSUER, TestAgent.HTTP);
        JsonObject answer = client.start(
                key.agent(),
                new AgentClient.Start(
                        human.token(),
                        "jwt",
                        workloads.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER),
                        Jws.object("{\"template\":\"work\",\"parameters\":{}}"),
                        null));
        return client.call(
                        key.agent(),
                        String.valueOf(answer.string("access_token")),
                        List.of(),
                        "GET",
                        READ,
                        Map.of(),
                        null)
                .statusCode();
    }
}
