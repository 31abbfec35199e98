package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.Patience;
import dev.errand.cli.AgentClient;
import dev.errand.json.JsonValue.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the memory of a gateway holds of the credentials of a task that ended ten seconds ago: nothing. */
class HeapDumpIT {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String VAULT = "/vault/v1/secret/data/a";
    private static final String CI = "/ci/api/v1/version";

    @TempDir
    private Path directory;

    @Test
    void endedTask_leavesNothingMintedInTheHeap() throws Exception {
        TestHuman human = TestHuman.releaseManager();
        TestWorkloads workloads = TestWorkloads.exampleOrg();
        try (SharedRedis redis = new SharedRedis(directory);
                VaultLogins vault = new VaultLogins();
                RecordingUpstream ci = new RecordingUpstream()) {
            String application = FrontedServer.application("vault", vault.uri(), List.of("UpstreamCredential=vault"))
                    .replace(
                            "errand:\n",
                            "    - id: ci\n      uri: " + ci.uri() + "\n      predicates: [Path=/ci/**]\n"
                                    + "      filters: [StripPrefix=1, OperationMapping=ci, UpstreamCredential=ci]\nerrand:\n");
            RunningGateway.Builder builder = RunningGateway.with()
                    .trusting(human, workloads)
                    .file("application.yaml", application)
                    .file(
                            "tasks/work.yaml",
                            FrontedServer.template(FrontedServer.everything("vault") + FrontedServer.everything("ci")))
                    .sharing(redis, redis.keys())
                    .property("errand.credential-keys", "file:" + CredentialKeysFile.in(directory))
                    .property("errand.upstreams.vault.vault-login.url", vault.uri())
                    .property("errand.upstreams.vault.vault-login.role", "errand")
                    .property("errand.upstreams.vault.vault-login.per", "task")
                    .property("errand.upstreams.vault.vault-login.audience", "vault")
                    .property("errand.upstreams.ci.task-jwt.audience", "ci");
            try (GatewayProcess gateway = new GatewayProcess(builder)) {
                AgentClient client = new AgentClient(gateway.address(), RunningGateway.ISSUER, TestAgent.HTTP);
                TestKey key = TestKey.ed25519("agent");
                JsonObject started = client.start(
                        key.agent(),
                        new AgentClient.Start(
                                human.token(),
                                "jwt",
                                workloads.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER),
                                Jws.object("{\"template\":\"work\",\"parameters\":{}}"),
                                null));
                String token = String.valueOf(started.string("access_token"));
                for (String path : List.of(VAULT, CI)) {
                    for (int i = 0; i < 3; i++) {
                        assertThat(client.call(key.agent(), token, List.of(), "GET", path, Map.of(), null)
                                        .statusCode())
                                .as(path)
                                .isEqualTo(200);
                    }
                }
                List<String> minted = minted(vault, ci);
                Path file = directory.resolve("heap.hprof");
                assertThat(HeapDump.search(gateway.process(), file, minted))
                        .as("while the task runs, so that the search is known to find what is there")
                        .isNotEmpty();
                client.end(key.agent(), token, List.of());
                await().atMost(Patience.of(SOON)).until(() -> vault.known().isEmpty());
                await().atMost(Patience.of(SOON))
                        .pollInterval(Duration.ofSeconds(1))
                        .untilAsserted(() -> assertThat(HeapDump.search(gateway.process(), file, minted))
                                .isEmpty());
            }
        }
    }

    /** Vault's token, the JWT that logged in, and the JWT that the other upstream saw: the last by its signature, too. */
    private static List<String> minted(VaultLogins vault, RecordingUpstream ci) {
        List<String> minted = new ArrayList<>(vault.known().keySet());
        vault.server().seen().stream()
                .filter(seen -> seen.target().endsWith("/auth/jwt/login"))
                .map(seen -> String.valueOf(Jws.object(seen.text()).string("jwt")))
                .forEach(minted::add);
        minted.add(String.valueOf(ci.last().header("Authorization")).substring("Bearer ".length()));
        assertThat(minted).hasSize(3);
        minted.addAll(List.of(
                minted.get(1).substring(minted.get(1).lastIndexOf('.') + 1),
                minted.get(2).substring(minted.get(2).lastIndexOf('.') + 1)));
        return minted;
    }
}
