package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.json.JsonValue.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sts} against a real MinIO: AssumeRoleWithWebIdentity with a JWT of the task, and SigV4 by the temporary keys. */
@Tag("minio")
class MinioTasksIT {
    private static final Pattern ROLE = Pattern.compile("arn:minio:iam:::role/[A-Za-z0-9_-]+");

    @TempDir
    private static Path directory;

    private static StaticIssuer issuer;
    private static MinioServer server;
    private static RunningGateway gateway;
    private static TestAgent agent;
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String GRANTS = "  s3:CreateBucket: {}\n  s3:PutObject: {}\n  s3:GetObject: {}\n";
    private static final TestHuman HUMAN = TestHuman.releaseManager();

    @BeforeAll
    static void start() throws Exception {
        Path keys = CredentialKeysFile.in(directory);
        issuer = new StaticIssuer(keys, null);
        server = new MinioServer(
                directory,
                Map.of(
                        "MINIO_IDENTITY_OPENID_CONFIG_URL",
                        issuer.issuer() + "/.well-known/openid-configuration",
                        "MINIO_IDENTITY_OPENID_CLIENT_ID",
                        "sts.amazonaws.com",
                        "MINIO_IDENTITY_OPENID_ROLE_POLICY",
                        "readwrite"));
        Map<String, String> properties = new HashMap<>();
        properties.put("errand.credential-keys", "file:" + keys);
        properties.put("errand.credential-issuer", issuer.issuer());
        properties.put("errand.upstreams.s3.sts.endpoint", server.uri());
        properties.put("errand.upstreams.s3.sts.role-arn", role());
        properties.put("errand.upstreams.s3.sts.region", "us-east-1");
        properties.put("errand.upstreams.s3.sts.service", "s3");
        properties.put("errand.upstreams.s3.sts.tags[0]", "task");
        properties.put("errand.upstreams.s3.sts.tags[1]", "human");
        RunningGateway.Builder builder = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file(
                        "application.yaml",
                        FrontedServer.application("s3", server.uri(), List.of("UpstreamCredential=s3")))
                .file("tasks/work.yaml", FrontedServer.template(GRANTS));
        properties.forEach(builder::property);
        gateway = builder.start();
        agent = task();
    }

    /** The role that MinIO gave the provider, which it tells when it starts. */
    private static String role() {
        return await().atMost(Duration.ofSeconds(20))
                .until(
                        () -> {
                            Matcher found = ROLE.matcher(String.join("\n", server.log()));
                            return found.find() ? found.group() : "";
                        },
                        arn -> !arn.isEmpty());
    }

    @AfterAll
    static void stop() {
        if (gateway != null) {
            gateway.close();
        }
        if (server != null) {
            server.close();
        }
        issuer.close();
    }

    private static TestAgent task() {
        return TestAgent.start(
                gateway,
                TestKey.ed25519("agent"),
                HUMAN.token(),
                WORKLOADS,
                "{\"template\":\"work\",\"parameters\":{}}");
    }

    private static Set<String> keysOf(String bucket) {
        Set<String> keys = new HashSet<>();
        server.executed().stream()
                .filter(done -> done.resource().startsWith(bucket))
                .forEach(done -> keys.add(done.who()));
        return keys;
    }

    @Test
    void trace_showsTheTask_andTasksNeverShare() {
        HttpResponse<String> made = agent.call(gateway, "PUT", "/s3/bucket-one", null);
        assertThat(made.statusCode()).as(made.body()).isEqualTo(200);
        HttpResponse<String> put =
                agent.call(gateway, "PUT", "/s3/bucket-one/a.txt", Map.of("Content-Type", "text/plain"), "hello");
        assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
        assertThat(agent.get(gateway, "/s3/bucket-one/a.txt").body()).isEqualTo("hello");
        TestAgent other = task();
        assertThat(other.call(gateway, "PUT", "/s3/bucket-two", null).statusCode())
                .isEqualTo(200);
        server.settle();
        Set<String> one = keysOf("bucket-one");
        Set<String> two = keysOf("bucket-two");
        assertThat(one).hasSize(1).doesNotContainAnyElementsOf(two);
        assertThat(two).hasSize(1);
        JsonObject entry = server.entries().stream()
                .filter(each -> String.valueOf(each.string("requestPath")).equals("/bucket-one/a.txt"))
                .findFirst()
                .orElseThrow();
        JsonObject claims = entry.object("requestClaims");
        assertThat(claims).as("%s", entry).isNotNull();
        assertThat(claims.string("sub")).isEqualTo(TestWorkloads.RELEASE_BOT);
        assertThat(claims.object("errand").string("task")).isEqualTo(agent.task());
        assertThat(claims.object("errand").object("human").string("sub")).isEqualTo("user:7f3c");
    }

    @Test
    void chunkSignedBody_isRefused_notSentUnsigned() {
        HttpResponse<String> answer = agent.call(
                gateway,
                "PUT",
                "/s3/bucket-three/a.txt",
                Map.of("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
                "5;chunk-signature=00\r\nhello\r\n0;chunk-signature=00\r\n\r\n");
        assertThat(answer.statusCode()).isGreaterThanOrEqualTo(400);
    }
}
