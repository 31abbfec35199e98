package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.FreePort;
import dev.errand.Patience;
import dev.errand.json.JsonValue.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code vault-login} with {@code per: task} against a real Vault: its JWT auth by OIDC discovery, and dynamic secrets. */
@Tag("vault")
class VaultTasksIT {
    private static final String READ = "/vault/v1/secret/data/app/one";
    private static final int TASKS = 200;

    @TempDir
    private static Path directory;

    private static VaultServer server;
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static RunningGateway.Builder builder;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() throws Exception {
        server = new VaultServer(directory);
        Path keys = CredentialKeysFile.in(directory);
        int port = FreePort.next();
        String issuer = "http://127.0.0.1:" + port;
        builder = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file(
                        "application.yaml",
                        FrontedServer.application("vault", server.uri(), List.of("UpstreamCredential=vault")))
                .file("tasks/work.yaml", FrontedServer.template(FrontedServer.everything("vault")))
                .property("server.port", Integer.toString(port))
                .property("errand.credential-issuer", issuer + "/credentials")
                .property("errand.credential-keys", "file:" + keys)
                .property("errand.upstreams.vault.vault-login.url", server.uri())
                .property("errand.upstreams.vault.vault-login.role", "errand")
                .property("errand.upstreams.vault.vault-login.per", "task")
                .property("errand.upstreams.vault.vault-login.audience", "vault");
        gateway = builder.start();
        made("/v1/sys/auth/jwt", "{\"type\":\"jwt\"}");
        made(
                "/v1/auth/jwt/config",
                "{\"oidc_discovery_url\":\"" + issuer + "/credentials\",\"bound_issuer\":\"" + issuer
                        + "/credentials\"}");
        made(
                "/v1/sys/policies/acl/app",
                "{\"policy\":\"path \\\"secret/data/app/*\\\" {capabilities=[\\\"create\\\","
                        + "\\\"update\\\",\\\"read\\\"]} path \\\"pki/issue/*\\\" {capabilities=[\\\"create\\\",\\\"update\\\"]}\"}");
        made(
                "/v1/auth/jwt/role/errand",
                "{\"role_type\":\"jwt\",\"user_claim\":\"sub\",\"bound_audiences\":[\"vault\"],\"token_policies\":[\"app\"],"
                        + "\"token_ttl\":\"15m\",\"token_max_ttl\":\"1h\",\"claim_mappings\":{\"/errand/task\":\"task\","
                        + "\"/errand/agent\":\"agent\",\"/errand/human/sub\":\"human\"}}");
        made("/v1/secret/data/app/one", "{\"data\":{\"a\":\"b\"}}");
        made("/v1/sys/mounts/pki", "{\"type\":\"pki\",\"config\":{\"max_lease_ttl\":\"24h\"}}");
        made("/v1/pki/root/generate/internal", "{\"common_name\":\"example.org\",\"ttl\":\"20h\",\"key_type\":\"ec\"}");
        made(
                "/v1/pki/roles/app",
                "{\"allow_any_name\":true,\"max_ttl\":\"1h\",\"generate_lease\":true,\"key_type\":\"ec\"}");
    }

    @AfterAll
    static void stop() {
        if (gateway != null) {
            gateway.close();
        }
        server.close();
    }

    private static void made(String path, String body) {
        var answer = server.call("POST", path, body);
        assertThat(answer.statusCode()).as(path + ": " + answer.body()).isLessThan(300);
    }

    private static TestAgent task() {
        return TestAgent.start(
                gateway,
                TestKey.ed25519("agent"),
                HUMAN.token(),
                WORKLOADS,
                "{\"template\":\"work\",\"parameters\":{}}");
    }

    /** The tokens that Vault's audit says were used, by the task in their metadata. */
    private static Map<String, Set<String>> tokens() throws Exception {
        Map<String, Set<String>> byTask = new LinkedHashMap<>();
        for (String line : Files.readAllLines(directory.resolve("vault-audit.log"))) {
            JsonObject entry = Jws.object(line);
            JsonObject auth = entry.object("auth");
            JsonObject metadata = auth == null ? null : auth.object("metadata");
            if (metadata != null && metadata.string("task") != null && auth.string("client_token") != null) {
                byTask.computeIfAbsent(metadata.string("task"), task -> new TreeSet<>())
                        .add(auth.string("client_token"));
            }
        }
        return byTask;
    }

    private static int asks(String token) {
        return Direct.call("GET", server.uri() + "/v1/secret/data/app/one", "", "X-Vault-Token", token)
                .statusCode();
    }

    @Test
    void audit_showsTaskHumanAndAgent_andTasksNeverShare() throws Exception {
        TestAgent one = task();
        TestAgent other = task();
        assertThat(one.get(gateway, READ).statusCode()).isEqualTo(200);
        assertThat(other.get(gateway, READ).statusCode()).isEqualTo(200);
        Map<String, Set<String>> tokens = tokens();
        assertThat(tokens.get(one.task())).hasSize(1).doesNotContainAnyElementsOf(tokens.get(other.task()));
        String line = Files.readAllLines(directory.resolve("vault-audit.log")).stream()
                .filter(entry -> entry.contains("\"path\":\"secret/data/app/one\"") && entry.contains(one.task()))
                .findFirst()
                .orElseThrow();
        JsonObject metadata = Jws.object(line).object("auth").object("metadata");
        assertThat(metadata.string("agent")).isEqualTo(TestWorkloads.RELEASE_BOT);
        assertThat(metadata.string("human")).isEqualTo(HUMAN.subject());
    }

    @Test
    void end_isRefusedByVaultItself_withinTwoSeconds_andLeasesGoWithIt() throws Exception {
        TestAgent agent = task();
        HttpResponse<String> issued = agent.call(
                gateway,
                "POST",
                "/vault/v1/pki/issue/app",
                Map.of("Content-Type", "application/json"),
                "{\"common_name\":\"app.example.org\"}");
        assertThat(issued.statusCode()).as(issued.body()).isEqualTo(200);
        String lease = Jws.object(issued.body()).string("lease_id");
        assertThat(lease).startsWith("pki/issue/app/");
        String token = tokens().get(agent.task()).iterator().next();
        assertThat(asks(token)).isEqualTo(200);
        agent.end(gateway);
        await().atMost(Patience.of(Duration.ofSeconds(2))).until(() -> asks(token) == 403);
        await().atMost(Patience.of(Duration.ofSeconds(5)))
                .until(() -> server.call("POST", "/v1/sys/leases/lookup", "{\"lease_id\":\"" + lease + "\"}")
                                .statusCode()
                        != 200);
        assertThat(String.join("\n", gateway.records())).doesNotContain(token);
    }

    @Test
    void ends_ofManyTasks_areDeadWithinTwoSeconds() throws Exception {
        List<TestAgent> agents = new ArrayList<>();
        for (int i = 0; i < TASKS; i++) {
            TestAgent agent = task();
            assertThat(agent.get(gateway, READ).statusCode()).isEqualTo(200);
            agents.add(agent);
        }
        Map<String, Set<String>> tokens = tokens();
        long[] millis = new long[TASKS];
        for (int i = 0; i < TASKS; i++) {
            String token = tokens.get(agents.get(i).task()).iterator().next();
            long begun = System.nanoTime();
            agents.get(i).end(gateway);
            while (asks(token) == 200) {
                Thread.sleep(2);
            }
            millis[i] = Duration.ofNanos(System.nanoTime() - begun).toMillis();
        }
        Arrays.sort(millis);
        long p99 = millis[TASKS * 99 / 100 - 1];
        System.out.println("dead after the end, ms: p50 " + millis[TASKS / 2] + ", p99 " + p99);
        assertThat(p99).isLessThan(2_000);
    }

    @Test
    void credentialsCheck_logsInAndGivesBack() throws Exception {
        ServerProcess.Outcome checked = ServerCheck.credentials(gateway.directory(), builder.arguments());
        assertThat(checked.exit()).as(checked.text()).isZero();
        assertThat(checked.text())
                .contains("credential vault: vault-login: had sha-256:")
                .contains("and gave it back")
                .doesNotContain("hvs.");
        assertThat(tokens().getOrDefault("t-check-of-credentials", Set.of()))
                .isNotEmpty()
                .allMatch(token -> asks(token) == 403);
    }
}
