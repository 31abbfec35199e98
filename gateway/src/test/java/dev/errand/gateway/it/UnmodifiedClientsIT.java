package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Command lines as their makers ship them, against the real servers that they are made for. Only a proxy on loopback signs
 * their calls. What the task grants works; what it does not grant is refused, and the tool ends with an error.
 */
@EnabledIfSystemProperty(named = "errand.real-servers", matches = "true")
class UnmodifiedClientsIT {
    @TempDir
    private Path directory;

    private FrontedServer fronted(String route, AuditedServer server, String allow) {
        return FrontedServer.start(
                route, server.uri(), allow, server.credential(), java.util.List.of("UpstreamCredential=" + route));
    }

    @Test
    @Tag("apiserver")
    void kubectlAndHelm_againstKubeApiserver_workInsideTheirTask() throws Exception {
        try (KubernetesApiserver server = new KubernetesApiserver(directory)) {
            server.call("POST", "/api/v1/namespaces", "{\"metadata\":{\"name\":\"staging\"}}");
            try (FrontedServer fronted = fronted("k8s", server, """
                              "k8s:*": {effects: [read, list]}
                              k8s:configmaps.create: {resource: {path_containment: staging}}
                              k8s:configmaps.patch: {resource: {path_containment: staging}}
                              k8s:configmaps.delete: {resource: {exact: staging/web}}
                              k8s:secrets.list: {resource: {exact: staging/_none}}
                            """);
                    SigningProxy proxy = new SigningProxy(fronted, "")) {
                String kubectl =
                        RealServer.program("apiserver", "apiserver/kubectl").toString();
                String at = "--server=" + proxy.address() + "/k8s";
                Path manifest = Files.writeString(directory.resolve("map.yaml"), """
                        apiVersion: v1
                        kind: ConfigMap
                        metadata: {name: web, namespace: staging}
                        data: {a: b}
                        """);
                Map<String, String> home = Map.of("HOME", directory.toString(), "KUBECONFIG", "/dev/null");
                succeeds(proxy, home, "configmap/web created", kubectl, at, "apply", "-f", manifest.toString());
                Files.writeString(manifest, Files.readString(manifest).replace("a: b", "a: c"));
                succeeds(proxy, home, "configmap/web configured", kubectl, at, "apply", "-f", manifest.toString());
                succeeds(proxy, home, "web", kubectl, at, "get", "configmaps", "-n", "staging");
                succeeds(proxy, home, "c", kubectl, at, "get", "cm/web", "-n", "staging", "-o=jsonpath={.data.a}");
                fails(proxy, home, kubectl, at, "delete", "configmap", "kube-root-ca.crt", "-n", "staging");
                fails(proxy, home, kubectl, at, "create", "namespace", "other");
                succeeds(
                        proxy,
                        home,
                        "deleted",
                        kubectl,
                        at,
                        "delete",
                        "configmap",
                        "web",
                        "-n",
                        "staging",
                        "--wait=false");
                String helm = RealServer.program("helm", "helm/helm").toString();
                succeeds(
                        proxy,
                        home,
                        "NAME",
                        helm,
                        "--kube-apiserver=" + proxy.address() + "/k8s",
                        "list",
                        "-n",
                        "staging");
                fails(proxy, home, helm, "--kube-apiserver=" + proxy.address() + "/k8s", "list", "-n", "default");
                assertThat(named(fronted))
                        .contains("k8s:configmaps.patch", "k8s:configmaps.create", "k8s:secrets.list");
            }
        }
    }

    @Test
    @Tag("vault")
    void vaultCommand_againstVault_worksInsideItsTask() throws Exception {
        try (VaultServer server = new VaultServer(directory);
                FrontedServer fronted = fronted("vault", server, """
                          vault:kv.read: {resource: {path_containment: secret/app}}
                          vault:kv.write: {resource: {path_containment: secret/app}}
                        """);
                SigningProxy proxy = new SigningProxy(fronted, "/vault")) {
            Map<String, String> home = Map.of("HOME", directory.toString(), "VAULT_ADDR", proxy.address());
            String vault = RealServer.program("vault", "vault/vault").toString();
            Path value = Files.writeString(directory.resolve("value.json"), "{\"data\":{\"password\":\"p1\"}}");
            succeeds(proxy, home, "version", vault, "write", "secret/data/app/db", "@" + value);
            succeeds(proxy, home, "p1", vault, "read", "-format=json", "secret/data/app/db");
            fails(proxy, home, vault, "read", "secret/data/other/db");
            fails(proxy, home, vault, "delete", "secret/data/app/db");
            assertThat(named(fronted)).containsExactlyInAnyOrder("vault:kv.read", "vault:kv.write");
        }
    }

    @Test
    @Tag("minio")
    void awsCommand_againstMinio_worksInsideItsTask() throws Exception {
        try (MinioServer server = new MinioServer(directory);
                FrontedServer fronted = fronted("s3", server, """
                          s3:CreateBucket: {resource: {exact: reports}}
                          s3:PutObject: {resource: {path_containment: "reports/2026"}}
                          s3:GetObject: {resource: {path_containment: "reports/2026"}}
                          s3:ListObjectsV2: {resource: {exact: reports}}
                        """);
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            fronted.agent().call(fronted.gateway(), "PUT", "/s3/reports", null);
            String aws = RealServer.program("aws", "aws/bin/aws").toString();
            Map<String, String> home = Map.of(
                    "HOME", directory.toString(),
                    "AWS_ACCESS_KEY_ID", "agent",
                    "AWS_SECRET_ACCESS_KEY", "agent",
                    "AWS_REGION", "us-east-1",
                    "AWS_DEFAULT_REGION", "us-east-1",
                    "AWS_MAX_ATTEMPTS", "1",
                    "AWS_REQUEST_CHECKSUM_CALCULATION", "when_required",
                    "AWS_ENDPOINT_URL_S3", proxy.address() + "/s3");
            Path file = Files.writeString(directory.resolve("a.txt"), "hello");
            succeeds(proxy, home, "upload", aws, "s3", "cp", file.toString(), "s3://reports/2026/a.txt");
            succeeds(proxy, home, "a.txt", aws, "s3", "ls", "s3://reports/2026/");
            succeeds(proxy, home, "hello", aws, "s3", "cp", "s3://reports/2026/a.txt", "-");
            fails(proxy, home, aws, "s3", "cp", file.toString(), "s3://reports/2025/a.txt");
            fails(proxy, home, aws, "s3", "rm", "s3://reports/2026/a.txt");
        }
    }

    @Test
    @Tag("distribution")
    @Tag("oras")
    void oras_againstTheRegistry_pushesAndPullsInsideItsTask() throws Exception {
        try (DistributionRegistry server = new DistributionRegistry(directory);
                FrontedServer fronted = fronted("registry", server, """
                          registry:ping: {resource: {exact: v2}}
                          registry:blob.get: {resource: {path_containment: team/app}}
                          registry:upload.start: {resource: {exact: team/app}, digest: {wildcard: true, optional: true}}
                          registry:upload.append: {resource: {exact: team/app}, _state: {wildcard: true, optional: true}}
                          registry:upload.finish: {resource: {exact: team/app}, digest: {wildcard: true}, _state: {wildcard: true, optional: true}}
                          registry:manifest.put: {resource: {path_containment: team/app}}
                          registry:manifest.get: {resource: {path_containment: team/app}}
                        """);
                SigningProxy proxy = new SigningProxy(fronted, "/registry")) {
            String oras = RealServer.program("oras", "oras/oras").toString();
            String at = proxy.address().substring("http://".length());
            Map<String, String> home = Map.of("HOME", directory.toString());
            Path file = Files.writeString(directory.resolve("hello.txt"), "hello");
            Path target = Files.createDirectories(directory.resolve("pulled"));
            succeeds(
                    proxy,
                    home,
                    "Digest",
                    oras,
                    "push",
                    "--plain-http",
                    "--disable-path-validation",
                    at + "/team/app:1.0",
                    file + ":text/plain");
            succeeds(
                    proxy,
                    home,
                    "Digest",
                    oras,
                    "pull",
                    "--plain-http",
                    "--allow-path-traversal",
                    "-o",
                    target.toString(),
                    at + "/team/app:1.0");
            fails(proxy, home, oras, "pull", "--plain-http", at + "/other/app:1.0");
            fails(proxy, home, oras, "manifest", "delete", "--plain-http", "--force", at + "/team/app:1.0");
        }
    }

    private static void succeeds(SigningProxy proxy, Map<String, String> environment, String says, String... command)
            throws Exception {
        ServerProcess.Outcome outcome = proxy.run(environment, command);
        assertThat(outcome.exit())
                .as(String.join(" ", command) + ": " + outcome.text())
                .isZero();
        assertThat(outcome.text()).contains(says);
    }

    private static void fails(SigningProxy proxy, Map<String, String> environment, String... command) throws Exception {
        ServerProcess.Outcome outcome = proxy.run(environment, command);
        assertThat(outcome.exit())
                .as(String.join(" ", command) + ": " + outcome.text())
                .isNotZero();
    }

    /** The operations that were permitted. */
    private static Set<String> named(FrontedServer fronted) {
        return fronted.gateway().records().stream()
                .map(Jws::object)
                .filter(line -> "permit".equals(line.string("outcome")))
                .flatMap(line ->
                        Arrays.stream(String.valueOf(line.string("operation")).split(" ")))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
