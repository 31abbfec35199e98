package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A cluster with a namespace {@code staging}, and the command lines that reach it through a task. */
final class KubernetesClients implements AutoCloseable {
    private static final int LATE_MILLIS = 5_000;
    private static final int LOOK_MILLIS = 100;

    /** The page whose examples are run. */
    static final Page PAGE = new Page("docs/operations/kubernetes.md");

    /** What every command line asks before it does anything. */
    static final String DISCOVERY = "  k8s:nonresource.get: {resource: {one_of: [/version, /api, /apis]}}\n";

    /** A deployment by its name. */
    static final String DEPLOYMENT = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: %1$s}
            spec:
              selector: {matchLabels: {app: %1$s}}
              template:
                metadata: {labels: {app: %1$s}}
                spec: {containers: [{name: main, image: "none"}]}
            """;

    private final Path directory;
    private final KubernetesCluster cluster;
    private int before;

    KubernetesClients(Path directory) throws Exception {
        this.directory = directory;
        cluster = KubernetesCluster.start(directory);
        apiserver().call("POST", "/api/v1/namespaces", "{\"metadata\":{\"name\":\"staging\"}}");
    }

    KubernetesApiserver apiserver() {
        return cluster.apiserver();
    }

    /** A task with these grants. What the apiserver executes is compared from now on. */
    FrontedServer task(String allow) {
        before = apiserver().executed().size();
        return Client.fronted("k8s", apiserver(), allow);
    }

    /** The same with Spring properties of the gateway. */
    FrontedServer task(String allow, Map<String, String> properties) {
        before = apiserver().executed().size();
        Map<String, String> all = new HashMap<>(apiserver().credential());
        all.putAll(properties);
        return FrontedServer.start("k8s", apiserver().uri(), allow, all, List.of("UpstreamCredential=k8s"));
    }

    /** A task of a template that stands on a page. */
    FrontedServer ofPage(Page page, String template, String details, Map<String, String> files) {
        before = apiserver().executed().size();
        return FrontedServer.ofPage("k8s", apiserver(), page, template, details, files);
    }

    /** Writes a file below the directory. */
    Path written(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    /** @param more of its environment */
    Client kubectl(SigningProxy proxy, Map<String, String> more) throws IOException {
        return client(proxy, RealServer.program("apiserver", "apiserver/kubectl"), more);
    }

    /** @param more of its environment */
    Client helm(SigningProxy proxy, Map<String, String> more) throws IOException {
        return client(proxy, RealServer.program("helm", "helm/helm"), more);
    }

    /** Set up as a user sets it up: by a kubeconfig whose server is the proxy that signs. */
    private Client client(SigningProxy proxy, Path program, Map<String, String> more) throws IOException {
        Path config =
                written("kubeconfig", PAGE.block("current-context:").replace("http://127.0.0.1:8200", proxy.address()));
        Map<String, String> environment = new HashMap<>(more);
        environment.put("HOME", directory.toString());
        environment.put("KUBECONFIG", config.toString());
        return new Client(proxy, environment, List.of(program.toString()));
    }

    /** All that the apiserver executed for the gateway is what the gateway named, and the reverse. */
    void executedIsNamed(FrontedServer fronted) throws InterruptedException {
        Set<String> named = fronted.gateway().records().stream()
                .map(Jws::object)
                .filter(line -> "permit".equals(line.string("outcome")))
                .map(KubernetesAudit::named)
                .collect(Collectors.toSet());
        Set<String> executed = new HashSet<>();
        Set<String> callers = new HashSet<>();
        for (int waited = 0; !executed.equals(named) && waited < LATE_MILLIS; waited += LOOK_MILLIS) {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            List<AuditedServer.Executed> all = apiserver().executed();
            all.subList(before, all.size()).forEach(one -> {
                executed.add(one.verb() + ' ' + one.resource());
                callers.add(one.who());
            });
        }
        assertThat(executed).isEqualTo(named);
        assertThat(callers).isSubsetOf(apiserver().principal());
    }

    @Override
    public void close() {
        cluster.close();
    }
}
