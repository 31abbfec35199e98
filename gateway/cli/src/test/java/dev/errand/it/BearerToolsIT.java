package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.Errand;
import dev.errand.holder.HolderCertificate;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kubectl and both official clients of MCP as they are shipped, without a companion: the leaf as bearer over a connection whose
 * client certificate has the leaf's key.
 */
@Tag("apiserver")
@Tag("mcp")
class BearerToolsIT {
    @TempDir
    static Path directory;

    private static McpServers tools;
    private static KubernetesApiserver apiserver;
    private static RunningGateway gateway;
    private static Path authority;
    private static Path certificate;
    private static Path token;
    private static TestAgent root;

    @BeforeAll
    static void start() throws Exception {
        tools = new McpServers(directory);
        apiserver = KubernetesApiserver.start(directory);
        apiserver.call("POST", "/api/v1/namespaces", "{\"metadata\":{\"name\":\"staging\"}}");
        TestHuman human = TestHuman.releaseManager();
        TestWorkloads workloads = TestWorkloads.exampleOrg();
        TestTls tls = new TestTls(directory);
        authority = tls.authority(directory.resolve("authority.pem"));
        RunningGateway.Builder builder = tls.on(RunningGateway.with()
                .trusting(human, workloads)
                .file("application.yaml", application())
                .file(
                        "tasks/work.yaml",
                        FrontedServer.template(KubernetesClients.DISCOVERY
                                + "  k8s:configmaps.get: {resource: {path_containment: staging}}\n"
                                + "  k8s:configmaps.list: {resource: {path_containment: staging}}\n"
                                + "  k8s:configmaps.create: {resource: {path_containment: staging}}\n"
                                + new Page("docs/operations/mcp.md").grants("# one tool of the time server")
                                + "  tools:tools.call/echo: {message: {wildcard: true}}\n")));
        apiserver.credential().forEach(builder::property);
        gateway = builder.start();
        root = TestAgent.start(
                gateway,
                tls.client(),
                TestKey.ed25519("agent"),
                human.token(),
                workloads.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER),
                "{\"template\":\"work\",\"parameters\":{}}");
        certificate = directory.resolve("task.pem");
        HolderCertificate.write(certificate, root.key().agent(), root.token());
        token = Files.writeString(directory.resolve("task.jwt"), root.token());
    }

    private static String application() {
        String one = FrontedServer.application("k8s", apiserver.uri(), List.of("UpstreamCredential=k8s"));
        return one.replace("errand:\n", """
                - id: tools
                  uri: %s
                  predicates: [Path=/tools/**]
                  filters: [StripPrefix=1, OperationMapping=tools]
            errand:
            """.formatted(tools.uri()));
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable one : new AutoCloseable[] {gateway, apiserver, tools}) {
            if (one != null) {
                one.close();
            }
        }
    }

    @Test
    void kubectl_worksByAKubeconfigOfTokenAndCertificate() throws Exception {
        StringWriter out = new StringWriter();
        int exit = Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .execute(
                        "token",
                        "kubeconfig",
                        "--token",
                        "@" + token,
                        "--certificate",
                        certificate.toString(),
                        "--authority",
                        authority.toString(),
                        "--url",
                        gateway.address() + "/k8s");
        assertThat(exit).isZero();
        Path config = Files.writeString(directory.resolve("kubeconfig"), out.toString());

        assertThat(kubectl(config, "-n", "staging", "create", "configmap", "note", "--from-literal=a=b"))
                .contains("configmap/note created");
        assertThat(kubectl(config, "-n", "staging", "get", "configmap", "note", "-o", "jsonpath={.data.a}"))
                .isEqualTo("b");
        assertThat(kubectl(config, "-n", "staging", "get", "secrets")).contains("errand: not-granted: ");

        Path stolen = Files.writeString(
                directory.resolve("stolen"),
                out.toString().replaceAll(",\"client-certificate\":\"[^\"]*\",\"client-key\":\"[^\"]*\"", ""));
        assertThat(kubectl(stolen, "-n", "staging", "get", "configmap", "note"))
                .contains("authentication-required")
                .doesNotContain("a: b");
    }

    private static String kubectl(Path config, String... words) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(RealServer.program("apiserver", "apiserver/kubectl").toString()));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("KUBECONFIG", config.toString());
        builder.environment().put("HOME", directory.toString());
        return ServerProcess.end(builder, "").text();
    }

    private static String python(Path program, String script, String route) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                program.toString(),
                RunningGateway.repository()
                        .resolve("gateway/cli/src/test/clients")
                        .resolve(script)
                        .toString(),
                gateway.address() + route,
                token.toString(),
                certificate.toString(),
                authority.toString());
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        return ServerProcess.end(builder, "").text();
    }

    @Test
    void pythonsClientOfMcp_callsByTokenAndCertificate() throws Exception {
        String said = python(RealServer.program("mcp", "mcp-python/bin/python"), "mcp_bearer.py", "/tools/mcp");
        assertThat(said.lines().toList()).startsWith("echo", "Echo: by a bearer");
        assertThat(said).contains("errand: not-granted: ").doesNotContain("Traceback");
    }

    @Test
    void nodesClientOfMcp_callsByTokenAndCertificate() throws Exception {
        String said = tools.run(
                directory,
                Map.of(
                        "ERRAND_ADDRESS", gateway.address() + "/tools",
                        "TOKEN", root.token(),
                        "CERTIFICATE", certificate.toString(),
                        "AUTHORITY", authority.toString()),
                List.of("bearer.mjs"));
        assertThat(said.lines().toList()).startsWith("echo", "Echo: by a bearer");
        assertThat(said).contains("errand: not-granted: ");
    }
}
