package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.errand.cli.Errand;
import dev.errand.holder.HolderCertificate;
import dev.errand.jose.TestCertificate;
import dev.errand.json.Jcs;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tools as they are shipped, without a companion: the leaf as bearer, over a connection whose client certificate has the leaf's key.
 * A stolen leaf opens nothing without that key.
 */
class BearerIT {
    private static final String SECRET = "/v1/secret/data/docs/a";

    @TempDir
    static Path directory;

    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static RecordingUpstream upstream;
    private static GitOverHttp git;
    private static RunningGateway gateway;
    private static TestTls tls;
    private static TestAgent root;
    private static Path authority;
    private static Path certificate;

    @BeforeAll
    static void start() throws Exception {
        upstream = new RecordingUpstream();
        git = GitOverHttp.isPossible() ? new GitOverHttp(Files.createDirectories(directory.resolve("git"))) : null;
        tls = new TestTls(directory);
        authority = tls.authority(directory.resolve("authority.pem"));
        gateway = tls.on(RunningGateway.with()
                        .trusting(HUMAN, WORKLOADS)
                        .file("application.yaml", application())
                        .file("operations/own.yaml", """
                            catalogue: own
                            resolver: template
                            refusals: vault
                            operations: [{id: read, match: {method: GET, path: "/{path+}"}, effect: read, resource: "{path}"}]
                            """)
                        .file("operations/plain.yaml", """
                            catalogue: plain
                            resolver: template
                            headers: {pass: [X-Vault-Token]}
                            operations: [{id: read, match: {method: GET, path: "/{path+}"}, effect: read, resource: "{path}"}]
                            """)
                        .file(
                                "tasks/work.yaml",
                                FrontedServer.template("""
                                      "vault:*": {effects: [read, list, write]}
                                      "bao:*": {effects: [read, list, write]}
                                      own:read: {}
                                      plain:read: {}
                                      git:fetch: {resource: {exact: acme/app}}
                                    """)
                                        .replace(
                                                "lifetime: 60m",
                                                "lifetime: 60m\ndelegation: {max-depth: 1, max-children: 10}")))
                .start();
        root = started(TestKey.p256("agent"));
        certificate = directory.resolve("task.pem");
        HolderCertificate.write(certificate, root.key().agent(), root.token());
    }

    private static String application() {
        String routes = "";
        for (String[] route : new String[][] {
            {"vault", "vault"}, {"bao", "vault,as=bao"}, {"own", "own"}, {"plain", "plain"}, {"git", "git"}
        }) {
            String uri = route[0].equals("git") && git != null ? git.address() : upstream.uri();
            routes += """
                    - id: %1$s
                      uri: %2$s
                      predicates: [Path=/%1$s/**]
                      filters: [StripPrefix=1, "OperationMapping=%3$s"]
                """.formatted(route[0], uri, route[1]).indent(0);
        }
        String one = FrontedServer.application("vault", upstream.uri(), List.of());
        int from = one.indexOf("    - id:");
        return one.substring(0, from) + routes + one.substring(one.indexOf("errand:\n"));
    }

    private static TestAgent started(TestKey key) {
        return TestAgent.start(
                gateway,
                tls.client(),
                key,
                HUMAN.token(),
                WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER),
                "{\"template\":\"work\",\"parameters\":{}}");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
        if (git != null) {
            git.close();
        }
    }

    @AfterEach
    void forget() {
        upstream.forget();
    }

    private static HttpClient holding(TestKey key) {
        return tls.client(
                key.pair(),
                new TestCertificate(System.currentTimeMillis(), key.pair().getPrivate())
                        .leaf(key.pair().getPublic()));
    }

    private static HttpResponse<String> call(HttpClient client, String target, String... headers) throws Exception {
        return client.send(
                HttpRequest.newBuilder(gateway.address().resolve(target))
                        .headers(headers)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static ServerProcess.Outcome curl(String target, String... options) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("curl", "-sS", "--cacert", authority.toString(), "-w", "\n%{http_code}"));
        command.addAll(List.of(options));
        command.add(gateway.address() + target);
        return ServerProcess.end(new ProcessBuilder(command), "");
    }

    @Test
    void curl_callsByTokenAndCertificate() throws Exception {
        String bearer = "Authorization: Bearer " + root.token();

        ServerProcess.Outcome called = curl("/vault" + SECRET, "--cert", certificate.toString(), "-H", bearer);
        assertThat(called.text()).endsWith("\n200");
        assertThat(upstream.last().header("Authorization")).isNull();
        for (String kept : new String[] {"--tls-max", "--http1.1"}) {
            String[] options = kept.equals("--tls-max")
                    ? new String[] {kept, "1.2", "--cert", certificate.toString(), "-H", bearer}
                    : new String[] {kept, "--cert", certificate.toString(), "-H", bearer};
            assertThat(curl("/vault" + SECRET, options).text()).endsWith("\n200");
        }
        assertThat(curl("/vault" + SECRET, "-H", bearer).text()).endsWith("\n401");
    }

    @Test
    void aKeyOfEd25519_isAsGood() throws Exception {
        TestAgent other = started(TestKey.ed25519("agent"));
        Path pem = directory.resolve("ed25519.pem");
        HolderCertificate.write(pem, other.key().agent(), other.token());
        assertThat(curl("/vault" + SECRET, "--cert", pem.toString(), "-H", "Authorization: bearer " + other.token())
                        .text())
                .endsWith("\n200");
        assertThat(curl("/vault" + SECRET, "--cert", pem.toString(), "-H", "Authorization: Bearer " + root.token())
                        .text())
                .endsWith("\n401");
    }

    @ParameterizedTest
    @CsvSource({
        "vault, Authorization, Bearer",
        "vault, X-Vault-Token, ''",
        "bao, X-Vault-Token, ''",
        "own, X-Vault-Token, ''",
        "plain, Authorization, Bearer",
        "git, Authorization, Bearer"
    })
    void aStolenLeaf_getsA401AtEverySlot(String route, String header, String scheme) throws Exception {
        String target =
                "/" + route + (route.equals("git") ? "/acme/app.git/info/refs?service=git-upload-pack" : SECRET);
        String sent = (scheme + " " + root.token()).strip();

        assertThat(call(holding(root.key()), target, header, sent).statusCode()).isEqualTo(200);
        int before = upstream.seen().size();
        for (HttpClient thief : List.of(tls.client(), holding(TestKey.p256("thief")))) {
            HttpResponse<String> answer = call(thief, target, header, sent);
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.headers().firstValue("Errand-Code")).hasValue("authentication-required");
        }
        assertThat(upstream.seen()).hasSize(before);
    }

    @Test
    void aTokenThatIsNone_isNotBelievedForItsCertificate() throws Exception {
        HttpClient holder = holding(root.key());
        for (String leaf :
                new String[] {"hvs.CAESI", "", root.token() + "x", root.token().substring(0, 40)}) {
            HttpResponse<String> answer = call(holder, "/vault" + SECRET, "X-Vault-Token", leaf);
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.headers().firstValue("Errand-Code")).hasValue("invalid-token");
        }
        assertThat(upstream.seen()).isEmpty();
    }

    @Test
    void vaultsSlot_isTakenBeforeHeadersAreJudged_andOnlyOnce() throws Exception {
        HttpClient holder = holding(root.key());
        String bearer = "Bearer " + root.token();

        assertThat(call(holder, "/vault" + SECRET, "X-Vault-Token", root.token(), "X-Vault-Request", "true")
                        .statusCode())
                .isEqualTo(200);
        assertThat(upstream.last().header("X-Vault-Token")).isNull();
        assertThat(upstream.last().header("Authorization")).isNull();
        for (String[] twice : new String[][] {
            {"X-Vault-Token", root.token(), "Authorization", bearer},
            {"X-Vault-Token", root.token(), "X-Vault-Token", root.token()},
            {
                "X-Vault-Token",
                root.token(),
                "Authorization",
                "DPoP " + root.token(),
                "DPoP",
                root.dpop("GET", "/vault" + SECRET)
            }
        }) {
            HttpResponse<String> answer = call(holder, "/vault" + SECRET, twice);
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.headers().firstValue("Errand-Code")).hasValue("malformed-request");
        }
        // On any other route the header is one like others: it is no credential, and passes where its catalogue says
        // so.
        HttpResponse<String> elsewhere = call(holder, "/plain/a", "X-Vault-Token", root.token());
        assertThat(elsewhere.headers().firstValue("Errand-Code")).hasValue("authentication-required");
    }

    @Test
    void aChild_isCalledWithAKeyOfItsOwn_andItsChainIsKnownOrSent() throws Exception {
        Path pem = directory.resolve("child.pem");
        Path parent = Files.writeString(
                directory.resolve("agent.jwk"), Jcs.canonical(root.key().jwk()));
        StringWriter out = new StringWriter();
        int exit = Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .execute(
                        "token",
                        "derive",
                        "--parent",
                        root.token(),
                        "--key",
                        parent.toString(),
                        "--child-key",
                        directory.resolve("child.jwk").toString(),
                        "--bounds",
                        "{\"calls\":5}",
                        "--certificate",
                        pem.toString());
        assertThat(exit).isZero();
        String child = "Authorization: Bearer " + out.toString().strip();

        ServerProcess.Outcome unknown = curl("/vault" + SECRET, "--cert", pem.toString(), "-H", child, "-D", "-");
        assertThat(unknown.text())
                .contains("Errand-Code: chain-incomplete", "Errand-Next: retry")
                .endsWith("\n401");
        String chain = "Delegation-Chain: " + root.token();
        assertThat(curl("/vault" + SECRET, "--cert", pem.toString(), "-H", child, "-H", chain)
                        .text())
                .endsWith("\n200");
        assertThat(curl("/vault" + SECRET, "--cert", pem.toString(), "-H", child)
                        .text())
                .endsWith("\n200");
        assertThat(curl("/vault" + SECRET, "--cert", certificate.toString(), "-H", child)
                        .text())
                .as("the parent's key")
                .endsWith("\n401");
    }

    @Test
    void git_clonesByTokenAndCertificate() throws Exception {
        assumeTrue(git != null, "git is not installed");
        String at = gateway.address() + "/git/acme/app.git";
        Path copy = directory.resolve("clone");
        ServerProcess.Outcome cloned = git("clone", at, copy.toString());
        assertThat(cloned.exit()).as(cloned.text()).isZero();
        assertThat(Files.readString(copy.resolve("README"))).isEqualTo("of the server\n");
        assertThat(git("ls-remote", gateway.address() + "/git/acme/other.git").exit())
                .isNotZero();
    }

    private static ServerProcess.Outcome git(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("GIT_CONFIG_NOSYSTEM", "1");
        builder.environment().put("GIT_TERMINAL_PROMPT", "0");
        builder.environment().put("HOME", directory.toString());
        builder.environment().put("GIT_SSL_CAINFO", authority.toString());
        builder.environment().put("GIT_SSL_CERT", certificate.toString());
        builder.environment().put("GIT_SSL_KEY", certificate.toString());
        builder.environment().put("GIT_CONFIG_COUNT", "1");
        builder.environment().put("GIT_CONFIG_KEY_0", "http.extraHeader");
        builder.environment().put("GIT_CONFIG_VALUE_0", "Authorization: Bearer " + root.token());
        return ServerProcess.end(builder, "");
    }

    @Test
    void theGatewaysOwnEndpoints_takeNoBearer() throws Exception {
        HttpResponse<String> answer =
                call(holding(root.key()), "/oauth2/task", "Authorization", "Bearer " + root.token());
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("Errand-Code")).hasValue("authentication-required");
    }
}
