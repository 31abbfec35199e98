package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.FreePort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tools as their makers ship them, run below {@code errand agent} with the environment that it gives them and no line of their
 * own configuration: inside their task against real servers, and refused outside it with code and decision.
 */
class CompanionToolsIT {
    private static final int LARGE = 20 << 20;

    @TempDir
    private Path directory;

    private static String program(String server, String path) {
        return RealServer.program(server, path).toString();
    }

    private ServerProcess.Outcome shell(Companion companion, String script) throws Exception {
        return companion.with("LC_ALL", "C").run("sh", "-ec", "cd " + directory + "; " + script);
    }

    private void succeeds(Companion companion, String says, String script) throws Exception {
        ServerProcess.Outcome outcome = shell(companion, script);
        assertThat(outcome.exit()).as(outcome.text()).isZero();
        assertThat(outcome.text()).contains(says);
    }

    @Test
    @Tag("apiserver")
    void kubectl_worksInsideItsTask() throws Exception {
        try (KubernetesClients clients = new KubernetesClients(directory)) {
            String web = clients.written("web.yaml", KubernetesClients.DEPLOYMENT.formatted("web"))
                    .toString();
            String kubectl = program("apiserver", "apiserver/kubectl") + " -n staging ";
            String grants = KubernetesClients.PAGE.grants("# kubectl apply, get, rollout, scale, wait, delete")
                    + KubernetesClients.PAGE
                            .grants("# kubectl logs, exec, attach, port-forward")
                            .lines()
                            .filter(line -> !line.contains("nonresource") && !line.contains("deployments.get"))
                            .reduce("", (all, line) -> all + line + "\n");
            try (FrontedServer fronted = clients.task(grants)) {
                // The companion ends its token, so that all runs in one.
                Companion companion = Companion.of(fronted, directory);
                succeeds(
                        companion,
                        "successfully rolled out",
                        "k='" + kubectl + "'; $k apply -f " + web + "; $k get deployments; "
                                + "$k patch deployment web -p '{\"spec\":{\"replicas\":2}}'; "
                                + "$k rollout status deployment/web --timeout=60s; "
                                + "$k logs deployment/web | grep 'line 5'; $k logs -f deployment/web | grep 'line 5'; "
                                + "$k exec deployment/web -- echo hello there | grep 'hello there'; "
                                + "echo typed | $k exec -i deployment/web -- cat | grep typed; "
                                + "(timeout 3 $k get -w deployments || true) | grep web; "
                                + "if $k get secrets 2>refused; then exit 9; fi; grep -q 'errand: not-granted' refused; "
                                + "grep -q '(decision ' refused; $k delete deployment web");
                clients.executedIsNamed(fronted);
                ClientHeaders.areListed(fronted.gateway());
            }
        }
    }

    /** The libraries for Python and Node, and paths that kubectl sends as they are. */
    @Test
    @Tag("apiserver")
    @Tag("python")
    @Tag("clients-node")
    void librariesOfKubernetes_workInsideTheirTask() throws Exception {
        String grants = KubernetesClients.DISCOVERY
                + "  k8s:configmaps.get: {resource: {path_containment: staging}}\n"
                + "  k8s:configmaps.list: {resource: {path_containment: staging}}\n"
                + "  k8s:configmaps.watch: {resource: {path_containment: staging}}\n"
                + "  k8s:configmaps.create: {resource: {path_containment: staging}}\n"
                + "  k8s:configmaps.patch: {resource: {path_containment: staging}}\n"
                + "  k8s:configmaps.delete: {resource: {path_containment: staging}}\n";
        Path scripts = RunningGateway.repository().resolve("gateway/cli/src/test/clients");
        try (KubernetesClients clients = new KubernetesClients(directory);
                FrontedServer fronted = clients.task(grants)) {
            Companion companion = Companion.of(fronted, directory)
                    .with("CLIENTS_NODE", program("clients-node", "clients-node"))
                    .with("PYTHONDONTWRITEBYTECODE", "1");
            ServerProcess.Outcome outcome = companion.run(
                    "sh",
                    "-ec",
                    RealServer.python() + " " + scripts.resolve("kubernetes_host.py") + "; node "
                            + scripts.resolve("kubernetes_host.mjs") + "; " + program("apiserver", "apiserver/kubectl")
                            + " get --raw /api/v1/namespaces/staging/configmaps");
            assertThat(outcome.exit()).as(outcome.text()).isZero();
            assertThat(outcome.text())
                    .contains("watched python", "watched node", "python: 403 ", "node: 403 ", "\"ConfigMapList\"")
                    .containsPattern("errand: not-granted: [^\n]*\\(decision d-");
            clients.executedIsNamed(fronted);
            ClientHeaders.areListed(fronted.gateway());
        }
    }

    @Test
    @Tag("apiserver")
    @Tag("helm")
    void helm_installsAndUpgrades_insideItsTask() throws Exception {
        String grants =
                KubernetesClients.PAGE.grants("# helm install, list, upgrade, history, rollback, status, uninstall");
        try (KubernetesClients clients = new KubernetesClients(directory);
                FrontedServer fronted = clients.task(grants)) {
            clients.written("hello/Chart.yaml", "{apiVersion: v2, name: hello, version: 0.1.0}");
            clients.written("hello/values.yaml", "greeting: hi");
            clients.written(
                    "hello/templates/deployment.yaml", KubernetesClients.DEPLOYMENT.formatted("'{{ .Release.Name }}'"));
            Path chart =
                    clients.written("hello/templates/map.yaml", """
                    apiVersion: v1
                    kind: ConfigMap
                    metadata: {name: '{{ .Release.Name }}-map'}
                    data: {greeting: '{{ .Values.greeting }}'}
                    """).getParent().getParent();
            String helm = program("helm", "helm/helm") + " -n staging ";
            succeeds(
                    Companion.of(fronted, directory),
                    "REVISION: 2",
                    "h='" + helm + "'; $h install hello " + chart + "; $h upgrade hello " + chart
                            + " --set greeting=you; " + "$h list; if $h install other " + chart
                            + " 2>refused; then exit 9; fi; cat refused");
        }
    }

    @ParameterizedTest
    @CsvSource({"http,when_required", "http,when_supported", "tls,when_required", "tls,when_supported"})
    @Tag("minio")
    @Tag("aws")
    void aws_copiesMuchBothWays(String scheme, String checksums) throws Exception {
        byte[] content = new byte[LARGE];
        new SecureRandom().nextBytes(content);
        Path large = Files.write(directory.resolve("large"), content);
        Path back = directory.resolve("back");
        try (MinioServer server = new MinioServer(directory);
                FrontedServer fronted =
                        Client.fronted("s3", server, new Page("docs/operations/minio.md").grants("# aws s3"))) {
            Companion companion = Companion.of(fronted, directory);
            String aws = program("aws", "aws/bin/aws");
            succeeds(
                    scheme.equals("tls") ? companion.and("--tls") : companion,
                    "upload:",
                    "export AWS_REQUEST_CHECKSUM_CALCULATION=" + checksums + "; a=" + aws + "; $a s3 mb s3://reports; "
                            + "$a s3 cp " + large + " s3://reports/2026/large; $a s3 cp s3://reports/2026/large " + back
                            + "; echo small > small; $a s3 cp small s3://reports/2026/small; $a s3 ls s3://reports/2026/; "
                            + "if $a s3api put-bucket-policy --bucket reports --policy '{}' 2>refused; then exit 9; fi; "
                            + "grep 'errand: ' refused; grep '(decision ' refused");
            assertThat(back).hasBinaryContent(content);
            ClientHeaders.areListed(fronted.gateway());
        }
    }

    @Test
    @Tag("gitea")
    void git_clonesAndPushes_insideItsTask() throws Exception {
        Page page = new Page("docs/operations/git.md");
        try (GiteaServer server = new GiteaServer(directory)) {
            server.repository("app", "APP.md", "of app");
            server.repository("other", "OTHER.md", "of other");
            try (FrontedServer fronted = Client.fronted("git", server, page.grants("# git clone"))) {
                succeeds(
                        Companion.of(fronted, directory)
                                .with("GIT_TERMINAL_PROMPT", "0")
                                .with("GIT_AUTHOR_NAME", "Agent")
                                .with("GIT_AUTHOR_EMAIL", "agent@example.org")
                                .with("GIT_COMMITTER_NAME", "Agent")
                                .with("GIT_COMMITTER_EMAIL", "agent@example.org"),
                        "main -> main",
                        "git clone $ERRAND_ROUTE_GIT/errand/app.git copy; cd copy; "
                                + "echo note > notes.txt; git add notes.txt; git commit -m Notes; git push origin main; "
                                + "if git clone $ERRAND_ROUTE_GIT/errand/other.git none 2>../refused; then exit 9; fi; "
                                + "grep 'errand: constraint-violated' ../refused; grep '(decision ' ../refused");
                ClientHeaders.areListed(fronted.gateway());
            }
        }
    }

    @Test
    @Tag("vault")
    void vault_readsItsSecret_insideItsTask() throws Exception {
        Page page = new Page("docs/operations/vault.md");
        String file = "operations/vault.yaml";
        // The shipped catalogue keeps the problem, which the command does not print.
        String catalogue = Files.readString(
                        RunningGateway.repository().resolve("config").resolve(file))
                .replace("catalogue: vault\n", "catalogue: vault\nrefusals: vault\n");
        try (VaultServer server = new VaultServer(directory);
                FrontedServer fronted =
                        Client.fronted("vault", server, page.grants("# vault kv"), Map.of(file, catalogue))) {
            String vault = program("vault", "vault/vault");
            Companion companion = Companion.of(fronted, directory).with("VAULT_TOKEN", "of-the-agent");
            succeeds(
                    companion,
                    "p1",
                    "v=" + vault + "; $v kv put -mount=secret app/kv password=p1; $v kv get -mount=secret app/kv; "
                            + "if $v kv get -mount=secret other/db 2>refused; then exit 9; fi; cat refused; "
                            + "grep -q 'errand: constraint-violated' refused; grep -q '(decision ' refused");
            ClientHeaders.areListed(fronted.gateway());
        }
    }

    @ParameterizedTest
    @CsvSource({"http", "tls"})
    @Tag("skopeo")
    @Tag("distribution")
    void skopeo_copies_insideItsTask(String scheme) throws Exception {
        RealServer.program("skopeo", "");
        try (DistributionRegistry server = new DistributionRegistry(directory);
                FrontedServer fronted = Client.fronted(
                        "registry", server, new Page("docs/operations/registry.md").grants("# oras and skopeo"))) {
            String layout = "oci:" + OciLayout.of(directory) + ":1.0";
            Companion companion = Companion.of(fronted, directory);
            // This skopeo does not read CONTAINERS_REGISTRIES_CONF.
            boolean tls = scheme.equals("tls");
            String to = tls ? "" : "--dest-tls-verify=false ";
            String from = tls ? "" : "--src-tls-verify=false ";
            String plain = tls ? "" : "--tls-verify=false ";
            String url = (tls ? "https" : "http") + "://$ERRAND_LISTEN_REGISTRY/v2/";
            succeeds(
                    tls ? companion.and("--tls") : companion,
                    "Writing manifest",
                    "s='skopeo --insecure-policy'; at=docker://$ERRAND_LISTEN_REGISTRY; $s copy " + to + layout
                            + " $at/team/app:1.0; $s inspect " + plain + "$at/team/app:1.0; $s list-tags " + plain
                            + "$at/team/app; $s copy " + from + "$at/team/app:1.0 dir:" + directory.resolve("copied")
                            + "; if $s copy " + to + layout
                            + " $at/other/app:1.0 2>refused; then exit 9; fi; cat refused;"
                            + " grep -q '403 (Forbidden)' refused; curl -s -u errand:$ERRAND_PASSWORD_REGISTRY "
                            + url + "other/app/tags/list | grep 'errand: constraint-violated' | grep '(decision ';"
                            + " curl -s -o /dev/null -w 'without:%{http_code}\\n' " + url
                            + " | grep without:401");
            ClientHeaders.areListed(fronted.gateway());
        }
    }

    @Test
    @Tag("crane")
    @Tag("distribution")
    void crane_copies_insideThePagesTemplate() throws Exception {
        String crane = program("crane", "crane/crane");
        try (DistributionRegistry server = new DistributionRegistry(directory);
                FrontedServer fronted = FrontedServer.ofPage(
                        "registry",
                        server.uri(),
                        server.credential(),
                        new Page("docs/operations/registry.md"),
                        "push-image",
                        "{\"service\":\"app\"}")) {
            succeeds(
                    Companion.of(fronted, directory),
                    "team/app:1.0@sha256:",
                    "c=" + crane + "; at=$ERRAND_LISTEN_REGISTRY; $c push " + OciLayout.of(directory)
                            + " $at/team/app:1.0 | sed 's/@/:1.0@/'; if $c push " + OciLayout.of(directory)
                            + " $at/team/other:1.0 2>refused; then exit 9; fi; grep '403 Forbidden' refused;"
                            + " if $c manifest $at/team/other:1.0 2>refused; then exit 9; fi; cat refused;"
                            + " grep 'errand: constraint-violated' refused | grep '(decision '");
            ClientHeaders.areListed(fronted.gateway());
        }
    }

    @ParameterizedTest
    @CsvSource({"http,auto,2026-07-28", "http,legacy,2025-11-25", "stdio,auto,2026-07-28", "stdio,legacy,2025-11-25"})
    @Tag("mcp")
    void mcpClient_callsWhatItsTaskGrants(String transport, String mode, String revision) throws Exception {
        String python = program("mcp", "mcp-python/bin/python");
        Path clients = RunningGateway.repository().resolve("gateway/cli/src/test/clients");
        int port = FreePort.next();
        try (RealServer server = RealServer.start(
                        directory,
                        "mcp-time",
                        port,
                        "/mcp",
                        Map.of("PYTHONDONTWRITEBYTECODE", "1"),
                        python,
                        clients.resolve("mcp_time_server.py").toString(),
                        Integer.toString(port));
                FrontedServer fronted = FrontedServer.start(
                        "tools",
                        server.uri(),
                        new Page("docs/operations/mcp.md").grants("# one tool of the time server"))) {
            String call = " " + mode + " get_current_time '{\"timezone\":\"Europe/Berlin\"}'";
            String refused = " " + mode + " get_current_time '{\"timezone\":\"Asia/Tokyo\"}'";
            if (transport.equals("http")) {
                String client = python + " " + clients.resolve("mcp_client.py") + " $ERRAND_ROUTE_TOOLS";
                succeeds(
                        Companion.of(fronted, directory),
                        "Europe/Berlin",
                        client + call + "; if " + client + refused + " 2>refused; then exit 9; fi; tail -1 refused");
            } else {
                Companion companion = Companion.of(fronted, directory, "--mcp", "tools");
                ServerProcess.Outcome outcome = ServerProcess.end(
                        new ProcessBuilder(
                                python,
                                clients.resolve("mcp_stdio_client.py").toString(),
                                mode,
                                "get_current_time",
                                "{\"timezone\":\"Europe/Berlin\"}",
                                "{\"timezone\":\"Asia/Tokyo\"}",
                                String.join("\u001f", companion.command())),
                        "");
                assertThat(outcome.exit()).as(outcome.text()).isZero();
                assertThat(outcome.text())
                        .contains(revision, "Europe/Berlin", "errand: constraint-violated", "(decision ");
            }
            ClientHeaders.areListed(fronted.gateway());
        }
    }
}
