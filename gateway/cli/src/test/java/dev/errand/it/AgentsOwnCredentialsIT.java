package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.it.RecordingUpstream.Answer;
import dev.errand.it.RecordingUpstream.Seen;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an agent sends of the kind that the gateway itself sends, to upstreams whose credentials live with the task. */
class AgentsOwnCredentialsIT {
    private static final String STOLEN = "st0len";
    private static final String ENCODED =
            Base64.getUrlEncoder().withoutPadding().encodeToString(STOLEN.getBytes(StandardCharsets.UTF_8));
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    private static final String GRANTS = """
              vault:kv.read: {resource: {wildcard: true}}
              ci:version: {resource: {wildcard: true}}
              k8s:pods.list: {resource: {wildcard: true}}
              s3:GetObject: {resource: {wildcard: true}}
            """;

    @TempDir
    private static Path directory;

    private static VaultLogins vault;
    private static RecordingUpstream upstream;
    private static RecordingUpstream sts;
    private static RunningGateway gateway;
    private static TestAgent agent;

    @BeforeAll
    static void start() throws Exception {
        vault = new VaultLogins();
        upstream = new RecordingUpstream();
        sts = new RecordingUpstream();
        sts.answer(request -> Answer.of(
                200,
                "<a><AccessKeyId>AKIA1</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>"
                        + "<SessionToken>session</SessionToken></a>"));
        String application = FrontedServer.application("vault", vault.uri(), List.of("UpstreamCredential=vault"));
        StringBuilder routes = new StringBuilder();
        for (String name : List.of("ci", "k8s", "s3")) {
            routes.append("    - id: ").append(name).append("\n      uri: ").append(upstream.uri());
            routes.append("\n      predicates: [Path=/").append(name).append("/**]\n      filters: [StripPrefix=1, ");
            routes.append("OperationMapping=")
                    .append(name)
                    .append(", UpstreamCredential=")
                    .append(name)
                    .append("]\n");
        }
        Path bearer = Files.writeString(directory.resolve("bearer"), "of-the-gateway");
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file("application.yaml", application.replace("errand:\n", routes + "errand:\n"))
                .file("tasks/work.yaml", FrontedServer.template(GRANTS))
                .property("errand.credential-keys", "file:" + CredentialKeysFile.in(directory))
                .property("errand.upstreams.vault.vault-login.url", vault.uri())
                .property("errand.upstreams.vault.vault-login.role", "errand")
                .property("errand.upstreams.vault.vault-login.per", "task")
                .property("errand.upstreams.vault.vault-login.audience", "vault")
                .property("errand.upstreams.ci.task-jwt.audience", "ci")
                .property("errand.upstreams.k8s.impersonate.bearer.file", "file:" + bearer)
                .property("errand.upstreams.k8s.impersonate.user", "human")
                .property("errand.upstreams.k8s.impersonate.groups[0]", "agents")
                .property("errand.upstreams.k8s.impersonate.extra", "true")
                .property("errand.upstreams.s3.sts.endpoint", sts.uri())
                .property("errand.upstreams.s3.sts.region", "eu-central-1")
                .property("errand.upstreams.s3.sts.service", "s3")
                .start();
        agent = TestAgent.start(
                gateway,
                TestKey.ed25519("agent"),
                HUMAN.token(),
                WORKLOADS,
                "{\"template\":\"work\",\"parameters\":{}}");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
        sts.close();
        vault.close();
    }

    private static RecordingUpstream of(String target) {
        return target.startsWith("/vault/") ? vault.server() : upstream;
    }

    private static RawHttp.Response send(String target, String... lines) {
        String path = target.contains("?") ? target.substring(0, target.indexOf('?')) : target;
        String[] all = Arrays.copyOf(lines, lines.length + 2);
        all[lines.length] = "Authorization: DPoP " + agent.token();
        all[lines.length + 1] = "DPoP: " + agent.dpop("GET", path);
        return RawHttp.send(gateway.port(), "GET", target, List.of(all));
    }

    private static String seen(Seen request) {
        return request.target() + " " + request.headers() + " " + request.text();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', textBlock = """
            /vault/v1/secret/data/a                       | X-Vault-Token: st0len                                     | refused
            /vault/v1/secret/data/a                       | x_vault_token: st0len                                     | refused
            /vault/v1/secret/data/a                       | Cookie: vault-token=st0len                                | passes
            /vault/v1/secret/data/a                       | Proxy-Authorization: Bearer st0len                        | passes
            /vault/v1/secret/data/a                       | Workload-SVID: st0len                                     | refused
            /vault/v1/secret/data/a                       | Txn-Token: st0len                                         | passes
            /vault/v1/secret/data/a                       | X-Vault-Inline-Auth-Path: st0len                          | refused
            /vault/v1/secret/data/a                       | Authorization: Bearer st0len                              | refused
            /vault/v1/secret/data/a?token=st0len          |                                                           | refused
            /ci/api/v1/version                            | Cookie: session=st0len                                    | passes
            /ci/api/v1/version                            | Remote-User: st0len                                       | passes
            /ci/api/v1/version                            | X-WEBAUTH-USER: st0len                                    | passes
            /ci/api/v1/version                            | Sudo: st0len                                              | refused
            /ci/api/v1/version                            | Authorization: token st0len                               | refused
            /ci/api/v1/version?access_token=st0len        |                                                           | refused
            /ci/api/v1/version?token=st0len               |                                                           | refused
            /ci/api/v1/version?private_token=st0len       |                                                           | refused
            /k8s/api/v1/namespaces/a/pods                 | Impersonate-User: st0len                                  | refused
            /k8s/api/v1/namespaces/a/pods                 | impersonate_user: st0len                                  | refused
            /k8s/api/v1/namespaces/a/pods                 | Impersonate-Group: st0len                                 | refused
            /k8s/api/v1/namespaces/a/pods                 | Impersonate-Uid: st0len                                   | refused
            /k8s/api/v1/namespaces/a/pods                 | Impersonate-Extra-Scopes: st0len                          | refused
            /k8s/api/v1/namespaces/a/pods                 | Impersonate-Extra-errand.dev%2Ftask: st0len               | refused
            /k8s/api/v1/namespaces/a/pods                 | X-Remote-User: st0len                                     | passes
            /k8s/api/v1/namespaces/a/pods                 | X-Remote-Extra-Scopes: st0len                             | passes
            /k8s/api/v1/namespaces/a/pods                 | Cookie: session=st0len                                    | passes
            /k8s/api/v1/namespaces/a/pods                 | Client-Cert: :st0len:                                     | passes
            /k8s/api/v1/namespaces/a/pods                 | Authorization: Bearer st0len                              | refused
            /k8s/api/v1/namespaces/a/pods                 | Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.c3QwbGVu | passes
            /s3/bucket/key                                | X-Amz-Security-Token: st0len                              | refused
            /s3/bucket/key                                | X-Amz-Date: st0len                                        | passes
            /s3/bucket/key                                | Authorization: AWS4-HMAC-SHA256 Credential=st0len         | refused
            /s3/bucket/key                                | Cookie: session=st0len                                    | passes
            /s3/bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=st0len&X-Amz-Signature=st0len | | refused
            /s3/bucket/key?X-Amz-Security-Token=st0len    |                                                           | refused
            /s3/bucket/key?AWSAccessKeyId=st0len&Signature=st0len&Expires=1 |                                         | refused
            """)
    void whatAnAgentSends_neverReachesTheUpstream(String target, String line, String outcome) {
        RecordingUpstream server = of(target);
        server.forget();
        RawHttp.Response answer = line == null ? send(target) : send(target, line);
        assertThat(server.seen())
                .noneMatch(request -> seen(request).contains(STOLEN))
                .noneMatch(request -> seen(request).contains(ENCODED));
        List<String> calls = server.seen().stream()
                .map(Seen::target)
                .filter(path -> !path.contains("/auth/"))
                .toList();
        if (outcome.equals("passes")) {
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            assertThat(calls).hasSize(1);
        } else {
            assertThat(answer.status()).as(answer.body()).isBetween(400, 403);
            assertThat(calls).isEmpty();
        }
    }

    @Test
    void eachUpstream_seesTheCredentialOfTheTask_once() {
        assertThat(send("/vault/v1/secret/data/a").status()).isEqualTo(200);
        assertThat(vault.server().last().header("X-Vault-Token")).startsWith("hvs.");
        assertThat(send("/ci/api/v1/version").status()).isEqualTo(200);
        assertThat(upstream.last().header("Authorization")).startsWith("Bearer ey");
        assertThat(send("/k8s/api/v1/namespaces/a/pods").status()).isEqualTo(200);
        assertThat(upstream.last().header("Authorization")).isEqualTo("Bearer of-the-gateway");
        assertThat(upstream.last().header("Impersonate-User")).contains(HUMAN.subject());
        assertThat(send("/s3/bucket/key").status()).isEqualTo(200);
        assertThat(upstream.last().header("X-Amz-Security-Token")).isEqualTo("session");
    }
}
