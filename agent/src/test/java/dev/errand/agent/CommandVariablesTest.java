package dev.errand.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommandVariablesTest {
    private static final String AGENT = "http://127.0.0.1:7000/secret";
    private static final TaskRoute K8S = new TaskRoute("k8s-prod", "/k8s", "k8s", "kubernetes", "kubernetes");
    private static final TaskRoute S3 = new TaskRoute("s3", "/s3", "s3", "s3", "s3");
    private static final TaskRoute VAULT = new TaskRoute("vault", "/vault", "vault", "template", "vault");
    private static final TaskRoute REGISTRY = new TaskRoute("registry", "/registry", "registry", "template", "oci");
    private static final TaskRoute TOOLS = new TaskRoute("tools", "/tools/mcp", "tools", "jsonrpc", "jsonrpc");

    private static CommandAddresses reached(String agent) {
        return new CommandAddresses(
                agent,
                "t-1",
                List.of(K8S, S3, VAULT, REGISTRY, TOOLS),
                List.of(
                        new RootAddress(K8S, "127.0.0.1:7003", "errand", "k8s-token", "PEM\n"),
                        new RootAddress(S3, "127.0.0.1:7001", "errand", "s3-secret", null),
                        new RootAddress(REGISTRY, "127.0.0.1:7002", "errand", "password", null)),
                null,
                null);
    }

    @Test
    void variables_ofEveryRoute() throws Exception {
        try (PrivateFiles files = new PrivateFiles()) {
            Map<String, String> set = CommandVariables.of(reached(AGENT), files, Map.of("NO_PROXY", "a.example.org"));
            assertThat(set)
                    .containsEntry("ERRAND_AGENT", AGENT)
                    .containsEntry("ERRAND_TASK", "t-1")
                    .containsEntry("ERRAND_ROUTE_K8S_PROD", AGENT + "/k8s")
                    .containsEntry("ERRAND_ROUTE_TOOLS", AGENT + "/tools/mcp")
                    .containsEntry("ERRAND_LISTEN_S3", "127.0.0.1:7001")
                    .containsEntry("ERRAND_LISTEN_REGISTRY", "127.0.0.1:7002")
                    .containsEntry("ERRAND_PASSWORD_REGISTRY", "password")
                    .containsEntry("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:7001")
                    .containsEntry("AWS_ACCESS_KEY_ID", "errand")
                    .containsEntry("AWS_SECRET_ACCESS_KEY", "s3-secret")
                    .containsEntry("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")
                    .containsEntry("AWS_MAX_ATTEMPTS", "1")
                    .containsKey("AWS_REGION")
                    .containsEntry("VAULT_ADDR", AGENT + "/vault")
                    .containsEntry("BAO_ADDR", AGENT + "/vault")
                    .containsEntry("NO_PROXY", "a.example.org,127.0.0.1,localhost")
                    .containsEntry("no_proxy", "127.0.0.1,localhost")
                    .doesNotContainKeys("ERRAND_DERIVE", "ERRAND_CA", "SSL_CERT_FILE", "ERRAND_PASSWORD_S3");
            for (String name : List.of("KUBECONFIG", "REGISTRY_AUTH_FILE", "CONTAINERS_REGISTRIES_CONF")) {
                Path file = Path.of(set.get(name));
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as(name)
                        .isEqualTo("rw-------");
            }
            assertThat(Path.of(set.get("KUBECONFIG")))
                    .content()
                    .contains(
                            "\"server\":\"https://127.0.0.1:7003\"",
                            "\"certificate-authority-data\":\"UEVNCg==\"",
                            "\"token\":\"k8s-token\"")
                    .doesNotContain(AGENT);
            assertThat(Path.of(set.get("DOCKER_CONFIG")).resolve("config.json"))
                    .content()
                    .contains("\"127.0.0.1:7002\"");
            assertThat(Path.of(set.get("CONTAINERS_REGISTRIES_CONF"))).content().contains("insecure = true");
            Path folder = Path.of(set.get("KUBECONFIG")).getParent();
            files.close();
            assertThat(folder).doesNotExist();
        }
    }

    @Test
    void variables_ofAUnixSocket_areTwo() {
        try (PrivateFiles files = new PrivateFiles()) {
            assertThat(CommandVariables.of(reached("unix:/run/a.sock"), files, Map.of()))
                    .containsOnlyKeys("ERRAND_AGENT", "ERRAND_TASK")
                    .containsEntry("ERRAND_AGENT", "unix:/run/a.sock");
        }
    }

    @Test
    void environment_replacesWhatIsSet_orKeepsIt() {
        Map<String, String> inherited = Map.of("VAULT_ADDR", "mine", "PATH", "p", "NO_PROXY", "n");
        Map<String, String> set = Map.of("VAULT_ADDR", "ours", "NO_PROXY", "n,127.0.0.1,localhost");
        assertThat(CommandEnvironment.of(inherited, set, false))
                .containsEntry("VAULT_ADDR", "ours")
                .containsEntry("PATH", "p");
        assertThat(CommandEnvironment.of(inherited, set, true))
                .containsEntry("VAULT_ADDR", "mine")
                .containsEntry("NO_PROXY", "n,127.0.0.1,localhost");
    }

    /** What a wider companion above set would let COMMAND exceed its own token. */
    @Test
    void environment_ofACompanionBelowAnother_leadsNotPastIt() {
        Map<String, String> inherited = Map.of(
                "ERRAND_AGENT", "http://127.0.0.1:1/wide",
                "ERRAND_DERIVE", "http://127.0.0.1:1/derive",
                "ERRAND_ROUTE_CI", "http://127.0.0.1:1/wide/ci",
                "ERRAND_PASSWORD_REGISTRY", "wide",
                "KUBECONFIG", "/wide",
                "HOME", "/home/a");
        assertThat(CommandEnvironment.of(inherited, Map.of("ERRAND_AGENT", "narrow"), true))
                .containsOnlyKeys("ERRAND_AGENT", "HOME")
                .containsEntry("ERRAND_AGENT", "narrow");
    }
}
