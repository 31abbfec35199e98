package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kubectl} and {@code helm} as they are, inside a task and outside it, against a real kube-apiserver. The grants are
 * those of {@code docs/operations/kubernetes.md}; all that the apiserver executed is what the gateway had named.
 */
@EnabledIfSystemProperty(named = "errand.real-servers", matches = "true")
@Tag("apiserver")
class KubernetesClientsIT {
    private static final int LATE_MILLIS = 5_000;

    private static final String DISCOVERY = """
              k8s:nonresource.get: {resource: {wildcard: true}}
            """;
    private static final String DEPLOY = DISCOVERY + """
              k8s:namespaces.get: {resource: {exact: staging/staging}}
              k8s:apps/deployments.create: {resource: {exact: staging/_none}}
              k8s:apps/deployments.get: {resource: {exact: staging/web}}
              k8s:apps/deployments.list: {resource: {exact: staging/_none}}
              k8s:apps/deployments.watch: {resource: {one_of: [staging/web, staging/_none]}}
              k8s:apps/deployments.patch: {resource: {exact: staging/web}}
              k8s:apps/deployments.delete: {resource: {exact: staging/web}}
              k8s:apps/deployments/scale.patch: {resource: {exact: staging/web}}
              k8s:apps/replicasets.list: {resource: {exact: staging/_none}}
            """;
    private static final String PODS = DISCOVERY + """
              k8s:apps/deployments.get: {resource: {exact: staging/api}}
              k8s:pods.list: {resource: {exact: staging/_none}}
              k8s:pods.get: {resource: {path_containment: staging}}
              k8s:pods/log.get: {resource: {path_containment: staging}}
              k8s:pods/exec.get: {resource: {path_containment: staging}}
              k8s:pods/portforward.get: {resource: {path_containment: staging}}
            """;
    private static final String CHART = DISCOVERY + """
              k8s:namespaces.get: {resource: {exact: staging/staging}}
              k8s:secrets.list: {resource: {exact: staging/_none}}
              k8s:secrets.create: {resource: {exact: staging/_none}}
              k8s:secrets.get: {resource: {one_of: [staging/sh.helm.release.v1.hello.v1, staging/sh.helm.release.v1.hello.v2, staging/sh.helm.release.v1.hello.v3]}}
              k8s:secrets.update: {resource: {one_of: [staging/sh.helm.release.v1.hello.v1, staging/sh.helm.release.v1.hello.v2, staging/sh.helm.release.v1.hello.v3]}}
              k8s:secrets.delete: {resource: {one_of: [staging/sh.helm.release.v1.hello.v1, staging/sh.helm.release.v1.hello.v2, staging/sh.helm.release.v1.hello.v3]}}
              k8s:configmaps.create: {resource: {exact: staging/_none}}
              k8s:configmaps.get: {resource: {exact: staging/hello-map}}
              k8s:configmaps.patch: {resource: {exact: staging/hello-map}}
              k8s:configmaps.delete: {resource: {exact: staging/hello-map}}
              k8s:apps/deployments.create: {resource: {exact: staging/_none}}
              k8s:apps/deployments.get: {resource: {exact: staging/hello}}
              k8s:apps/deployments.patch: {resource: {exact: staging/hello}}
              k8s:apps/deployments.delete: {resource: {exact: staging/hello}}
              k8s:apps/replicasets.list: {resource: {exact: staging/_none}}
            """;

    private static final String DEPLOYMENT = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: %1$s}
            spec:
              selector: {matchLabels: {app: %1$s}}
              template:
                metadata: {labels: {app: %1$s}}
                spec: {containers: [{name: main, image: "none"}]}
            """;
    private static final Pattern LOCAL = Pattern.compile("127[.]0[.]0[.]1:([0-9]+) -> 80");

    @TempDir
    private static Path directory;

    private static KubernetesCluster cluster;

    private int before;

    @BeforeAll
    static void start() throws Exception {
        cluster = KubernetesCluster.start(directory);
        cluster.apiserver().call("POST", "/api/v1/namespaces", "{\"metadata\":{\"name\":\"staging\"}}");
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @BeforeEach
    void mark() {
        before = cluster.apiserver().executed().size();
    }

    private static FrontedServer task(String allow) {
        return Client.fronted("k8s", cluster.apiserver(), allow);
    }

    private static Path written(String name, String text) throws Exception {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    /** Set up as a user sets it up: by a kubeconfig whose server is the proxy that signs. */
    private static Client client(SigningProxy proxy, String program) throws Exception {
        Path config = written("kubeconfig", """
                apiVersion: v1
                kind: Config
                clusters: [{name: errand, cluster: {server: "%s/k8s"}}]
                contexts: [{name: errand, context: {cluster: errand, namespace: staging}}]
                current-context: errand
                """.formatted(proxy.address()));
        return new Client(
                proxy, Map.of("HOME", directory.toString(), "KUBECONFIG", config.toString()), List.of(program));
    }

    private static Client kubectl(SigningProxy proxy) throws Exception {
        return client(
                proxy, RealServer.program("apiserver", "apiserver/kubectl").toString());
    }

    /** All that the apiserver executed for the gateway is what the gateway named, and the reverse. */
    private void executedIsNamed(FrontedServer fronted) throws Exception {
        Set<String> named = fronted.gateway().records().stream()
                .map(Jws::object)
                .filter(line -> "permit".equals(line.string("outcome")))
                .map(KubernetesAudit::named)
                .collect(Collectors.toSet());
        Set<String> executed = new HashSet<>();
        for (int waited = 0; !executed.equals(named) && waited < LATE_MILLIS; waited += 100) {
            TimeUnit.MILLISECONDS.sleep(100);
            List<AuditedServer.Executed> all = cluster.apiserver().executed();
            all.subList(before, all.size()).forEach(one -> executed.add(one.verb() + ' ' + one.resource()));
        }
        assertThat(executed).isEqualTo(named);
    }

    @Test
    void kubectl_rollsADeploymentOut_insideItsTask() throws Exception {
        String web = written("web.yaml", DEPLOYMENT.formatted("web")).toString();
        String other = written("other.yaml", DEPLOYMENT.formatted("other")).toString();
        try (FrontedServer fronted = task(DEPLOY);
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client kubectl = kubectl(proxy);
            kubectl.succeeds("Server Version: v1.35.4", "version");
            kubectl.succeeds("deployments", "api-resources");
            kubectl.succeeds("deployment.apps/web created", "apply", "-f", web);
            kubectl.succeeds("serverside-applied", "apply", "--server-side", "--force-conflicts", "-f", web);
            kubectl.succeeds("successfully rolled out", "rollout", "status", "deployment/web", "--timeout=60s");
            try (RunningClient watch = kubectl.begins("get", "-w", "deployments")) {
                watch.says("web");
                kubectl.succeeds("restarted", "rollout", "restart", "deployment/web");
                kubectl.succeeds("successfully rolled out", "rollout", "status", "deployment/web", "--timeout=60s");
                kubectl.succeeds("scaled", "scale", "deployment/web", "--replicas=3");
                watch.says("3/3");
            }
            kubectl.succeeds("image updated", "set", "image", "deployment/web", "main=other");
            kubectl.succeeds("REVISION", "rollout", "history", "deployment/web");
            kubectl.succeeds("condition met", "wait", "--for=condition=Available", "deployment/web", "--timeout=60s");

            kubectl.fails("apply", "-f", other);
            kubectl.fails("get", "pods");
            kubectl.fails("get", "deployments", "-A");
            kubectl.fails("rollout", "status", "deployment/other");
            kubectl.fails("delete", "deployment", "other");
            kubectl.fails("auth", "can-i", "get", "pods");
            kubectl.succeeds("deleted", "delete", "deployment", "web");
            executedIsNamed(fronted);
        }
    }

    @Test
    void kubectl_readsLogsRunsCommandsAndForwardsPorts_insideItsTask() throws Exception {
        cluster.apiserver().call("POST", "/apis/apps/v1/namespaces/staging/deployments", """
                {"metadata": {"name": "api"}, "spec": {"selector": {"matchLabels": {"app": "api"}},
                 "template": {"metadata": {"labels": {"app": "api"}},
                              "spec": {"containers": [{"name": "main", "image": "none"}]}}}}
                """);
        try (FrontedServer fronted = task(PODS);
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client kubectl = kubectl(proxy);
            kubectl.succeeds("NAME", "get", "pods");
            kubectl.succeeds("line 5", "logs", "deployment/api");
            try (RunningClient log = kubectl.begins("logs", "-f", "deployment/api")) {
                assertThat(log.says("line 1")).doesNotContain("line 5");
                assertThat(log.ends()).isZero();
                log.says("line 5");
            }
            kubectl.succeeds("hello there", "exec", "deployment/api", "--", "echo", "hello", "there");
            assertThat(kubectl.run("exec", "deployment/api", "--", "exit", "3").exit())
                    .isEqualTo(3);
            assertThat(kubectl.reads("what it reads", "exec", "-i", "deployment/api", "--", "cat")
                            .text())
                    .contains("what it reads");
            try (RunningClient forward = kubectl.begins("port-forward", "deployment/api", ":80")) {
                Matcher port = LOCAL.matcher(forward.says("-> 80"));
                assertThat(port.find()).isTrue();
                for (int i = 0; i < 2; i++) {
                    URI uri = URI.create("http://127.0.0.1:" + port.group(1) + "/");
                    HttpRequest request = HttpRequest.newBuilder(uri).build();
                    assertThat(TestAgent.HTTP
                                    .send(request, BodyHandlers.ofString())
                                    .body())
                            .contains("from the pod");
                }
            }
            kubectl.fails("delete", "pod", "--all");
            kubectl.fails("logs", "-n", "default", "web");
            executedIsNamed(fronted);
        }
    }

    @Test
    void kubectl_mayReadLogsAndNotRunCommands_whereOnlyTheLogIsGranted() throws Exception {
        KubernetesCluster.pod(cluster.apiserver(), "staging", "lone", "{}");
        try (FrontedServer fronted = task(DISCOVERY + """
                          k8s:pods.get: {resource: {exact: staging/lone}}
                          k8s:pods/log.get: {resource: {exact: staging/lone}}
                        """);
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client kubectl = kubectl(proxy);
            kubectl.succeeds("line 5", "logs", "lone");
            kubectl.fails("exec", "lone", "--", "echo", "hello");
            kubectl.fails("cp", "lone:/a", directory.resolve("a").toString());
            kubectl.fails("attach", "lone");
            kubectl.fails("port-forward", "lone", ":80");
            executedIsNamed(fronted);
        }
    }

    @Test
    void whatKubectlFollows_endsWithItsTask() throws Exception {
        KubernetesCluster.pod(cluster.apiserver(), "staging", "lone", "{}");
        try (FrontedServer fronted = task(DISCOVERY + """
                          k8s:pods.list: {resource: {exact: staging/_none}}
                          k8s:pods.watch: {resource: {exact: staging/_none}}
                          k8s:pods/exec.get: {resource: {exact: staging/lone}}
                          k8s:pods.get: {resource: {exact: staging/lone}}
                          k8s:pods/portforward.get: {resource: {exact: staging/lone}}
                        """);
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client kubectl = kubectl(proxy);
            try (RunningClient watch = kubectl.begins("get", "-w", "pods");
                    RunningClient forward = kubectl.begins("port-forward", "lone", ":80")) {
                watch.says("lone");
                forward.says("-> 80");
                fronted.agent().end(fronted.gateway());
                assertThat(watch.ends()).isEqualTo(1);
                assertThat(forward.ends()).isEqualTo(1);
            }
            kubectl.fails("get", "pods");
        }
    }

    @Test
    void helm_installsUpgradesAndUninstalls_insideItsTask() throws Exception {
        written("hello/Chart.yaml", "{apiVersion: v2, name: hello, version: 0.1.0}");
        written("hello/values.yaml", "greeting: hi");
        written("hello/templates/deployment.yaml", DEPLOYMENT.formatted("'{{ .Release.Name }}'"));
        String chart =
                written("hello/templates/map.yaml", """
                        apiVersion: v1
                        kind: ConfigMap
                        metadata: {name: '{{ .Release.Name }}-map'}
                        data: {greeting: '{{ .Values.greeting }}'}
                        """).getParent().getParent().toString();
        try (FrontedServer fronted = task(CHART);
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client helm = client(proxy, RealServer.program("helm", "helm/helm").toString());
            helm.succeeds("STATUS: deployed", "install", "hello", chart, "--wait", "--timeout", "60s");
            helm.succeeds("hello", "list");
            helm.succeeds("REVISION: 2", "upgrade", "hello", chart, "--set", "greeting=ho");
            helm.succeeds("superseded", "history", "hello");
            helm.succeeds("Rollback was a success", "rollback", "hello", "1");
            helm.succeeds("STATUS: deployed", "status", "hello");

            helm.fails("install", "other", chart);
            helm.fails("list", "-A");
            helm.fails("list", "-n", "default");
            helm.fails("uninstall", "hello", "-n", "default");
            helm.succeeds("uninstalled", "uninstall", "hello", "--wait");
            executedIsNamed(fronted);
        }
    }

    @Test
    void helm_keepsItsReleasesInConfigMaps_whereNoSecretIsGranted() throws Exception {
        written("plain/Chart.yaml", "{apiVersion: v2, name: plain, version: 0.1.0}");
        String chart =
                written("plain/templates/map.yaml", """
                        apiVersion: v1
                        kind: ConfigMap
                        metadata: {name: plain-map}
                        data: {greeting: hi}
                        """).getParent().getParent().toString();
        try (FrontedServer fronted = task(DISCOVERY + """
                          k8s:configmaps.list: {resource: {exact: staging/_none}}
                          k8s:configmaps.create: {resource: {exact: staging/_none}}
                          k8s:configmaps.get: {resource: {path_containment: staging}}
                          k8s:configmaps.update: {resource: {path_containment: staging}}
                          k8s:configmaps.delete: {resource: {path_containment: staging}}
                        """);
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client secrets =
                    client(proxy, RealServer.program("helm", "helm/helm").toString());
            Map<String, String> environment = new HashMap<>(secrets.environment());
            environment.put("HELM_DRIVER", "configmap");
            Client helm = new Client(proxy, environment, secrets.program());
            helm.succeeds("STATUS: deployed", "install", "plain", chart);
            helm.succeeds("plain", "list");
            secrets.fails("list");
            helm.succeeds("uninstalled", "uninstall", "plain");
            executedIsNamed(fronted);
        }
    }
}
