package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code kubectl} as it is, in a task of the template on the page {@code docs/operations/k8s.md} as it stands. */
@Tag("apiserver")
class KubernetesTemplateIT {
    private static final Page PAGE = new Page("docs/operations/k8s.md");
    private static final String DETAILS =
            "{\"template\":\"operate\",\"parameters\":{\"namespace\":\"staging\",\"service\":\"web\"}}";

    @TempDir
    private static Path directory;

    private static KubernetesClients clients;
    private static String web;
    private static String other;

    @BeforeAll
    static void start() throws Exception {
        clients = new KubernetesClients(directory);
        web = clients.written("web.yaml", KubernetesClients.DEPLOYMENT.formatted("web"))
                .toString();
        other = clients.written("other.yaml", KubernetesClients.DEPLOYMENT.formatted("other"))
                .toString();
    }

    @AfterAll
    static void stop() {
        if (clients != null) {
            clients.close();
        }
    }

    private static FrontedServer operate(Map<String, String> files) {
        return clients.ofPage(PAGE, "operate", DETAILS, files);
    }

    @Test
    void kubectl_worksInsideTheTemplate() throws Exception {
        try (FrontedServer fronted = operate(Map.of());
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client kubectl = clients.kubectl(proxy, Map.of());
            kubectl.succeeds("deployment.apps/web created", "apply", "-f", web);
            kubectl.succeeds("serverside-applied", "apply", "--server-side", "--force-conflicts", "-f", web);
            kubectl.succeeds("web", "get", "deployment", "web");
            kubectl.succeeds("NAME", "get", "deployments");
            kubectl.succeeds("restarted", "rollout", "restart", "deployment/web");
            kubectl.succeeds("successfully rolled out", "rollout", "status", "deployment/web", "--timeout=60s");
            kubectl.succeeds("NAME", "get", "pods");
            kubectl.succeeds("line 5", "logs", "deployment/web");
            kubectl.succeeds("hello there", "exec", "deployment/web", "--", "echo", "hello", "there");

            clients.executedIsNamed(fronted);
        }
    }

    /** Each in a task of its own, since refusals that repeat end a task. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "apply -f other",
                "apply --server-side -f other",
                "get deployment other",
                "get secrets",
                "get pods -A",
                "rollout restart deployment/other",
                "logs -n default web",
                "exec -n default web -- ls",
                "scale deployment web --replicas=3",
                "delete deployment web",
                "get deployments --as=admin"
            })
    void kubectl_failsOutsideTheTemplate(String command) throws Exception {
        try (FrontedServer fronted = operate(Map.of());
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client kubectl = clients.kubectl(proxy, Map.of());
            String text =
                    kubectl.fails(command.replace("-f other", "-f " + other).split(" "));
            assertThat(text).doesNotContain("You must be logged in");
            clients.executedIsNamed(fronted);
        }
    }

    /** An apiserver by TLS takes HTTP/2 where it is offered; what becomes a WebSocket must not offer it. */
    @Test
    void kubectl_runsCommandsAndForwardsPorts_whereAgentsMaySpeakHttp2() throws Exception {
        KubernetesCluster.pod(clients.apiserver(), "staging", "lone", "{}");
        try (FrontedServer fronted =
                        clients.task(KubernetesClients.DISCOVERY + """
                          k8s:pods.get: {resource: {exact: staging/lone}}
                          k8s:pods/exec.get: {resource: {exact: staging/lone}}
                          k8s:pods/portforward.get: {resource: {exact: staging/lone}}
                        """, Map.of("server.http2.enabled", "true"));
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client kubectl = clients.kubectl(proxy, Map.of());
            kubectl.succeeds("hello there", "exec", "lone", "--", "echo", "hello", "there");
            try (RunningClient forward = kubectl.begins("port-forward", "lone", ":80")) {
                forward.says("-> 80");
            }
            clients.executedIsNamed(fronted);
        }
    }

    @Test
    void kubectlExec_runsTheBoundCommandAlone() throws Exception {
        KubernetesCluster.pod(clients.apiserver(), "staging", "bound", "{}");
        Map<String, String> catalogue = Map.of("operations/k8s.yaml", PAGE.block("params:"));
        try (FrontedServer fronted =
                        Client.fronted("k8s", clients.apiserver(), KubernetesClients.DISCOVERY + """
                          k8s:pods.get: {resource: {exact: staging/bound}}
                          k8s:pods/exec.get:
                            resource: {exact: staging/bound}
                            command: {one_of: [[echo, "a b"], [cat]]}
                        """, catalogue);
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client kubectl = clients.kubectl(proxy, Map.of());
            kubectl.succeeds("a b", "exec", "bound", "--", "echo", "a b");
            for (List<String> command : List.of(List.of("echo", "a"), List.of("echo", "a", "b"), List.of("sh"))) {
                String[] arguments = ("exec bound -- " + String.join(" ", command)).split(" ");
                assertThat(kubectl.fails(arguments)).contains("constraint-violated");
            }
        }
    }
}
