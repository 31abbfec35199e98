package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kubectl} as it is, inside a task and outside it, against a real kube-apiserver. The grants are those of
 * {@code docs/operations/kubernetes.md}; all that the apiserver executed is what the gateway had named.
 */
@Tag("apiserver")
class KubernetesClientsIT {
    private static final String DEPLOY =
            KubernetesClients.PAGE.grants("# kubectl apply, get, rollout, scale, wait, delete");
    private static final String PODS = KubernetesClients.PAGE.grants("# kubectl logs, exec, attach, port-forward");
    private static final Pattern LOCAL = Pattern.compile("127[.]0[.]0[.]1:([0-9]+) -> 80");

    @TempDir
    private static Path directory;

    private static KubernetesClients clients;

    @BeforeAll
    static void start() throws Exception {
        clients = new KubernetesClients(directory);
    }

    @AfterAll
    static void stop() {
        if (clients != null) {
            clients.close();
        }
    }

    @Test
    void kubectl_getsPods_byTheShippedTemplateWithoutARefusal() throws Exception {
        String shipped = Files.readString(RunningGateway.repository().resolve("config/tasks/cluster.yaml"));
        String allow = shipped.substring(shipped.indexOf("allow:\n") + "allow:\n".length(), shipped.indexOf("limits:"))
                .replace("{namespace}", "staging");
        try (FrontedServer fronted = clients.task(allow);
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client kubectl = clients.kubectl(proxy, Map.of());
            kubectl.succeeds("", "get", "pods");
            assertThat(fronted.gateway().records())
                    .extracting(line -> Jws.object(line).string("outcome"))
                    .contains("permit")
                    .doesNotContain("deny");
            kubectl.fails("get", "pods", "-n", "default");
            kubectl.fails("get", "secrets");
        }
    }

    @Test
    void kubectl_rollsADeploymentOut_insideItsTask() throws Exception {
        String web = clients.written("web.yaml", KubernetesClients.DEPLOYMENT.formatted("web"))
                .toString();
        String other = clients.written("other.yaml", KubernetesClients.DEPLOYMENT.formatted("other"))
                .toString();
        try (FrontedServer fronted = clients.task(DEPLOY);
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client kubectl = clients.kubectl(proxy, Map.of());
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
            kubectl.succeeds("labeled", "label", "deployment", "web", "tier=front");
            kubectl.succeeds("annotated", "annotate", "deployment", "web", "note=here");
            kubectl.succeeds("patched", "patch", "deployment", "web", "-p", "{\"spec\":{\"replicas\":1}}");
            kubectl.succeeds("RollingUpdate", "describe", "deployment", "web");
            kubectl.succeeds("REVISION", "rollout", "history", "deployment/web");
            kubectl.succeeds("condition met", "wait", "--for=condition=Available", "deployment/web", "--timeout=60s");

            kubectl.fails("apply", "-f", other);
            kubectl.fails("get", "pods");
            kubectl.fails("get", "deployments", "-A");
            kubectl.fails("rollout", "status", "deployment/other");
            kubectl.fails("delete", "deployment", "other");
            kubectl.fails("auth", "can-i", "get", "pods");
            kubectl.fails("get", "deployments", "--as=admin");
            kubectl.succeeds("deleted", "delete", "deployment", "web");
            clients.executedIsNamed(fronted);
        }
    }

    @Test
    void kubectl_readsLogsRunsCommandsAndForwardsPorts_insideItsTask() throws Exception {
        clients.apiserver().call("POST", "/apis/apps/v1/namespaces/staging/deployments", """
                {"metadata": {"name": "api"}, "spec": {"selector": {"matchLabels": {"app": "api"}},
                 "template": {"metadata": {"labels": {"app": "api"}},
                              "spec": {"containers": [{"name": "main", "image": "none"}]}}}}
                """);
        try (FrontedServer fronted = clients.task(PODS);
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client kubectl = clients.kubectl(proxy, Map.of());
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
            kubectl.succeeds("from the container", "attach", "deployment/api");
            Client bySpdy = clients.kubectl(proxy, Map.of("KUBECTL_REMOTE_COMMAND_WEBSOCKETS", "false"));
            assertThat(bySpdy.fails("exec", "deployment/api", "--", "echo", "hello"))
                    .contains("Upgrade: SPDY does not pass");
            kubectl.fails("delete", "pod", "--all");
            kubectl.fails("logs", "-n", "default", "web");
            clients.executedIsNamed(fronted);
        }
    }

    @Test
    void kubectl_mayReadLogsAndNotRunCommands_whereOnlyTheLogIsGranted() throws Exception {
        KubernetesCluster.pod(clients.apiserver(), "staging", "lone", "{}");
        try (FrontedServer fronted = clients.task(KubernetesClients.DISCOVERY + """
                          k8s:pods.get: {resource: {exact: staging/lone}}
                          k8s:pods/log.get: {resource: {exact: staging/lone}}
                          k8s:pods.watch: {resource: {exact: staging/lone}}
                          k8s:pods.delete: {resource: {exact: staging/lone}}
                        """);
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client kubectl = clients.kubectl(proxy, Map.of());
            kubectl.succeeds("line 5", "logs", "lone");
            assertThat(kubectl.fails("exec", "lone", "--", "echo", "hello"))
                    .contains("Error from server (Forbidden)", "not-granted", "k8s:pods/exec.get");
            kubectl.fails("cp", "lone:/a", directory.resolve("a").toString());
            kubectl.fails("attach", "lone");
            kubectl.fails("port-forward", "lone", ":80");
            kubectl.succeeds("deleted", "delete", "pod", "lone");
            assertThat(proxy.headers()).contains("x-stream-protocol-version", "kubectl-command");
            clients.executedIsNamed(fronted);
        }
    }

    @Test
    void kubectl_listsAllNamespacesAndDeletesWithoutWaiting_insideItsTask() throws Exception {
        KubernetesCluster.pod(clients.apiserver(), "staging", "brief", "{}");
        try (FrontedServer fronted = clients.task(KubernetesClients.DISCOVERY + """
                          k8s:pods.list: {resource: {exact: _cluster/_none}}
                          k8s:pods.delete: {resource: {exact: staging/brief}}
                        """);
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client kubectl = clients.kubectl(proxy, Map.of());
            kubectl.succeeds("brief", "get", "pods", "-A");
            kubectl.succeeds("deleted", "delete", "pod", "brief", "--wait=false");
            kubectl.fails("get", "pods");
            clients.executedIsNamed(fronted);
        }
    }

    @Test
    void whatKubectlFollows_endsWithItsTask() throws Exception {
        KubernetesCluster.pod(clients.apiserver(), "staging", "lone", "{}");
        try (FrontedServer fronted = clients.task(KubernetesClients.DISCOVERY + """
                          k8s:pods.list: {resource: {exact: staging/_none}}
                          k8s:pods.watch: {resource: {exact: staging/_none}}
                          k8s:pods/exec.get: {resource: {exact: staging/lone}}
                          k8s:pods.get: {resource: {exact: staging/lone}}
                          k8s:pods/portforward.get: {resource: {exact: staging/lone}}
                        """);
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client kubectl = clients.kubectl(proxy, Map.of());
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
}
