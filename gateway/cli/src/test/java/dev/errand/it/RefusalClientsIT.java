package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each form of a refusal, read by the client that it is for, as it is shipped: what the client prints names code and decision.
 * What clients print where they show no body is on the page. No refused call reaches the upstream.
 */
class RefusalClientsIT {
    private static final String EXCEPTIONS = "## What clients do not print";
    private static final String DISCOVERY = "  k8s:nonresource.get: {resource: {one_of: [/api, /apis, /api/v1]}}\n";

    @TempDir
    private Path directory;

    private RecordingUpstream upstream;

    @BeforeEach
    void start() {
        upstream = new RecordingUpstream();
    }

    @AfterEach
    void stop() {
        assertThat(upstream.seen()).allMatch(request -> path(request).matches("/api(s|/v1)?|/v2/"));
        upstream.close();
    }

    private static String path(RecordingUpstream.Seen request) {
        return request.target().split("[?]", 2)[0];
    }

    private FrontedServer fronted(String catalogue, String allow, Map<String, String> files) {
        return FrontedServer.start(catalogue, upstream.uri(), allow, Map.of(), List.of(), files);
    }

    /** The record of the last call, whose code and decision the client has printed. */
    private static void assertTold(String said, FrontedServer fronted) {
        JsonObject last = fronted.gateway().records().stream()
                .map(Jws::object)
                .filter(line -> "deny".equals(line.string("outcome")))
                .reduce((one, other) -> other)
                .orElseThrow();
        assertThat(said)
                .contains("errand: " + last.string("code") + ": ")
                .contains("(decision " + last.string("decision") + ")");
    }

    private Client client(SigningProxy proxy, Map<String, String> environment, String... program) {
        Map<String, String> all = new HashMap<>(environment);
        all.put("HOME", directory.toString());
        all.put("LC_ALL", "C.UTF-8");
        return new Client(proxy, all, List.of(program));
    }

    @Test
    @Tag("apiserver")
    void kubectl_printsCodeAndDecision() throws Exception {
        upstream.answer(request -> switch (path(request)) {
            case "/api" -> RecordingUpstream.Answer.of(200, "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"]}");
            case "/apis" ->
                RecordingUpstream.Answer.of(200, "{\"kind\":\"APIGroupList\",\"apiVersion\":\"v1\",\"groups\":[]}");
            default -> RecordingUpstream.Answer.of(200, """
                    {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "v1", "resources": [
                      {"name": "pods", "singularName": "pod", "namespaced": true, "kind": "Pod", "verbs": ["get", "list"]}]}
                    """);
        });
        try (FrontedServer fronted = fronted("k8s", DISCOVERY, Map.of());
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Path config = kubeconfig(proxy);
            Client kubectl = client(
                    proxy,
                    Map.of("KUBECONFIG", config.toString()),
                    RealServer.program("apiserver", "apiserver/kubectl").toString());
            assertTold(kubectl.fails("get", "--raw", "/api/v1/namespaces/staging/pods"), fronted);
            String said = kubectl.fails("get", "pods");
            assertThat(said).contains("Error from server (Forbidden): errand: not-granted: ");
            assertTold(said, fronted);
        }
        try (FrontedServer fronted = fronted("k8s", "  k8s:pods.get: {}\n", Map.of());
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Path config = kubeconfig(proxy);
            Client kubectl = client(
                    proxy,
                    Map.of("KUBECONFIG", config.toString()),
                    RealServer.program("apiserver", "apiserver/kubectl").toString());
            assertShown(kubectl.fails("get", "pods"), "Error from server (Forbidden): unknown");
        }
    }

    private Path kubeconfig(SigningProxy proxy) throws Exception {
        return Files.writeString(
                directory.resolve("kubeconfig"),
                KubernetesClients.PAGE.block("current-context:").replace("http://127.0.0.1:8200", proxy.address()));
    }

    /** The page has what the client shows instead of the reason. */
    private static void assertShown(String said, String shown) throws Exception {
        assertThat(said).contains(shown).doesNotContain("errand: ");
        String page = Files.readString(RunningGateway.repository().resolve("docs/problems.md"));
        assertThat(page.substring(page.indexOf(EXCEPTIONS))).contains(shown);
    }

    @Test
    @Tag("aws")
    void aws_printsCodeAndDecision() throws Exception {
        try (FrontedServer fronted = fronted("s3", "  s3:GetObject: {resource: {exact: reports/a}}\n", Map.of());
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client aws = client(
                    proxy,
                    Map.of(
                            "AWS_ACCESS_KEY_ID", "agent",
                            "AWS_SECRET_ACCESS_KEY", "agent",
                            "AWS_DEFAULT_REGION", "us-east-1",
                            "AWS_MAX_ATTEMPTS", "1",
                            "AWS_ENDPOINT_URL_S3", proxy.address() + "/s3"),
                    RealServer.program("aws", "aws/bin/aws").toString());
            assertTold(aws.fails("s3", "ls", "s3://reports"), fronted);
            String object = directory.resolve("object").toString();
            String got = aws.fails("s3api", "get-object", "--bucket", "reports", "--key", "b", object);
            assertThat(got).contains("(AccessDenied)");
            assertTold(got, fronted);
            assertShown(
                    aws.fails("s3", "cp", "s3://reports/b", object),
                    "fatal error: An error occurred (403) when calling the HeadObject operation: Forbidden");
        }
    }

    @Test
    @Tag("vault")
    void vault_printsCodeAndDecision() throws Exception {
        Path shipped = RunningGateway.repository().resolve("config/operations/vault.yaml");
        String catalogue = Files.readString(shipped).replaceFirst("base-path:", "refusals: vault\nbase-path:");
        try (FrontedServer fronted = fronted(
                        "vault",
                        "  vault:kv.read: {resource: {exact: secret/a}}\n",
                        Map.of("operations/vault.yaml", catalogue));
                SigningProxy proxy = new SigningProxy(fronted, "/vault")) {
            Client vault = client(
                    proxy,
                    Map.of("VAULT_ADDR", proxy.address(), "VAULT_MAX_RETRIES", "0"),
                    RealServer.program("vault", "vault/vault").toString());
            assertTold(vault.fails("read", "secret/data/b"), fronted);
            assertTold(vault.fails("write", "secret/data/a", "x=y"), fronted);
        }
    }

    @Test
    @Tag("oras")
    void oras_printsCodeAndDecision() throws Exception {
        try (FrontedServer fronted = fronted("registry", "  registry:ping: {}\n", Map.of());
                SigningProxy proxy = new SigningProxy(fronted, "/registry")) {
            String at = proxy.address().substring("http://".length());
            Client oras = client(
                    proxy, Map.of(), RealServer.program("oras", "oras/oras").toString());
            assertTold(oras.fails("repo", "tags", "--plain-http", at + "/team/app"), fronted);
            assertTold(oras.fails("pull", "--plain-http", at + "/team/app:1.0"), fronted);
        }
    }

    @Test
    @Tag("skopeo")
    void skopeo_printsCodeAndDecision() throws Exception {
        RealServer.program("skopeo", "");
        for (String allow : List.of("  registry:ping: {}\n", "  registry:tag.list: {resource: {exact: team/app}}\n")) {
            try (FrontedServer fronted = fronted("registry", allow, Map.of());
                    SigningProxy proxy = new SigningProxy(fronted, "/registry")) {
                String at = proxy.address().substring("http://".length());
                Client skopeo = client(proxy, Map.of(), "skopeo", "--insecure-policy");
                String said = skopeo.fails("inspect", "--tls-verify=false", "docker://" + at + "/team/app:1.0");
                if (allow.contains("ping")) {
                    assertTold(said, fronted);
                } else {
                    assertShown(said, "invalid status code from registry 403 (Forbidden)");
                }
            }
        }
    }

    @Test
    @Tag("git")
    void git_printsCodeAndDecision() throws Exception {
        Page page = new Page("docs/operations/git.md");
        try (FrontedServer fronted = fronted("git", page.grants("# git clone"), Map.of());
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client git = client(proxy, Map.of("GIT_CONFIG_NOSYSTEM", "1", "GIT_TERMINAL_PROMPT", "0"), "git");
            String said = git.fails("ls-remote", proxy.address() + "/git/errand/other");
            assertThat(said).contains("remote: errand: ");
            assertTold(said, fronted);
        }
    }

    @Test
    @Tag("mcp")
    void pythonClient_printsCodeAndDecision() throws Exception {
        try (FrontedServer fronted = fronted("tools", "  tools:ping: {}\n", Map.of());
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client client = client(
                    proxy,
                    Map.of("PYTHONDONTWRITEBYTECODE", "1"),
                    RealServer.program("mcp", "mcp-python/bin/python").toString(),
                    RunningGateway.repository()
                            .resolve("gateway/cli/src/test/clients/mcp_client.py")
                            .toString(),
                    proxy.address() + "/tools/mcp",
                    "legacy");
            assertTold(client.fails("echo", "{}"), fronted);
        }
    }
}
