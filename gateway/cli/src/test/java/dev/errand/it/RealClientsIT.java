package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients as their makers ship them, but for the hook that adds the headers of a call: what their task grants works, what
 * it does not is refused, and the gateway named each call as its API does.
 */
@Tag("python")
class RealClientsIT {
    @TempDir
    private Path directory;

    @Test
    @Tag("s3mock")
    void boto3_againstS3Mock_worksInsideItsTemplate() throws Exception {
        try (RealServer server = RealServer.s3mock(directory);
                FrontedServer fronted = FrontedServer.start("s3", server.uri(), """
                          s3:PutObject: {resource: {path_containment: "reports/2026"}}
                          s3:GetObject: {resource: {path_containment: "reports/2026"}}
                          s3:DeleteObject: {resource: {path_containment: "reports/2026"}}
                          s3:CreateMultipartUpload: {resource: {path_containment: "reports/2026"}}
                          s3:UploadPart: {resource: {path_containment: "reports/2026"}}
                          s3:CompleteMultipartUpload: {resource: {path_containment: "reports/2026"}}
                          s3:CopyObject: {resource: {path_containment: "archive/2026"}}
                          s3:ListObjectsV2: {resource: {exact: reports}}
                        """)) {
            Direct.call("PUT", server.uri() + "/reports", "");
            Direct.call("PUT", server.uri() + "/archive", "");
            Direct.call("PUT", server.uri() + "/reports/2025/kept", "kept");
            Direct.call("DELETE", server.uri() + "/reports/2025/kept", "");
            run("s3.py", fronted);
            assertThat(named(fronted))
                    .containsExactlyInAnyOrder(
                            "s3:PutObject",
                            "s3:GetObject",
                            "s3:DeleteObject",
                            "s3:CreateMultipartUpload",
                            "s3:UploadPart",
                            "s3:CompleteMultipartUpload",
                            "s3:CopyObject",
                            "s3:ListObjectsV2");
        }
    }

    @Test
    void hvac_againstAKeyValueEngine_worksInsideItsTemplate() throws Exception {
        try (VaultStandIn server = new VaultStandIn();
                FrontedServer fronted = FrontedServer.start("vault", server.uri(), """
                          vault:kv.read: {resource: {path_containment: "secret/docs/payments"}, version: {wildcard: true, optional: true}}
                          vault:kv.write: {resource: {path_containment: "secret/docs/payments"}}
                          vault:kv.list: {resource: {path_containment: "secret/docs/payments"}}
                          vault:kv.delete: {resource: {path_containment: "secret/docs/payments"}}
                        """)) {
            run("vault.py", fronted);
            assertThat(named(fronted))
                    .containsExactlyInAnyOrder("vault:kv.read", "vault:kv.write", "vault:kv.list", "vault:kv.delete");
        }
    }

    @Test
    @Tag("kubernetes")
    void kubernetesClient_againstAMockApiserver_worksInsideItsTemplate() throws Exception {
        try (RealServer server = RealServer.kubernetes(directory);
                FrontedServer fronted = FrontedServer.start("k8s", server.uri(), """
                          k8s:pods.create: {resource: {exact: staging/_none}}
                          k8s:pods.get: {resource: {path_containment: staging}}
                          k8s:pods.list: {resource: {exact: staging/_none}}
                          k8s:pods.delete: {resource: {exact: staging/web}}
                          k8s:apps/deployments.create: {resource: {exact: staging/_none}}
                          k8s:apps/deployments.get: {resource: {exact: staging/web}}
                          k8s:apps/deployments.patch: {resource: {exact: staging/web}}
                        """)) {
            run("kubernetes_client.py", fronted);
            assertThat(named(fronted))
                    .containsExactlyInAnyOrder(
                            "k8s:pods.create",
                            "k8s:pods.get",
                            "k8s:pods.list",
                            "k8s:pods.delete",
                            "k8s:apps/deployments.create",
                            "k8s:apps/deployments.get",
                            "k8s:apps/deployments.patch");
        }
    }

    @Test
    @Tag("etcd")
    void etcdJson_againstEtcd_worksInsideItsTemplate() throws Exception {
        // base64 of flags/beta
        try (RealServer server = RealServer.etcd(directory);
                FrontedServer fronted = FrontedServer.start("etcd", server.uri(), """
                          etcd:kv.range: {resource: {exact: kv}, key: {exact: "ZmxhZ3MvYmV0YQ=="}}
                          etcd:kv.put: {resource: {exact: kv}, key: {exact: "ZmxhZ3MvYmV0YQ=="}}
                        """)) {
            run("etcd.py", fronted);
            assertThat(named(fronted)).containsExactlyInAnyOrder("etcd:kv.range", "etcd:kv.put");
        }
    }

    @Test
    @Tag("registry")
    void pushAndPull_againstDockerRegistry_workInsideTheirTemplate() throws Exception {
        try (RealServer server = RealServer.registry(directory);
                FrontedServer fronted = FrontedServer.start("registry", server.uri(), """
                          registry:ping: {resource: {exact: v2}}
                          registry:blob.get: {resource: {path_containment: team/app}}
                          registry:upload.start: {resource: {exact: team/app}}
                          registry:upload.append: {resource: {exact: team/app}, _state: {wildcard: true, optional: true}}
                          registry:upload.finish: {resource: {exact: team/app}, digest: {wildcard: true}, _state: {wildcard: true, optional: true}}
                          registry:manifest.put: {resource: {exact: team/app/1.0}}
                          registry:manifest.get: {resource: {path_containment: team/app}}
                        """)) {
            run("registry.py", fronted);
            assertThat(named(fronted))
                    .containsExactlyInAnyOrder(
                            "registry:ping",
                            "registry:blob.get",
                            "registry:upload.start",
                            "registry:upload.append",
                            "registry:upload.finish",
                            "registry:manifest.put",
                            "registry:manifest.get");
        }
    }

    /** Runs a client of {@code gateway/cli/src/test/clients} to its end; it fails at the first thing that is not as it should be. */
    private void run(String script, FrontedServer fronted) throws Exception {
        assertThat(PythonClient.run(directory, script, fronted)).endsWith("done\n");
        ClientHeaders.areListed(fronted.gateway());
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
