package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.it.RecordingUpstream.Answer;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each kind of credential at the decision service: what the other gateway is told to write on a permitted request. */
class DecisionCredentialsIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final List<String> KINDS =
            List.of("header", "bearer", "login", "tasklogin", "sigv4", "jwt", "sts", "exchange");

    private static final String CATALOGUE = """
            catalogue: things
            resolver: template
            operations:
              - {id: read, match: {method: GET, path: "/things/{id}"}, effect: read, resource: "{id}"}
            """;

    @TempDir
    private static Path directory;

    private static VaultLogins vault;
    private static RecordingUpstream servers;
    private static StandInGitHub github;
    private static RunningGateway gateway;
    private static AskingGateway asking;
    private static TestAgent agent;

    private static String file(String name, String text) {
        try {
            return "file:" + Files.writeString(directory.resolve(name), text);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @BeforeAll
    static void start() throws Exception {
        vault = new VaultLogins();
        github = new StandInGitHub();
        servers = new RecordingUpstream();
        servers.answer(request -> Answer.of(
                200,
                request.text().contains("AssumeRole")
                        ? "<a><AccessKeyId>AKIA1</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>"
                                + "<SessionToken>session</SessionToken></a>"
                        : "{\"access_token\":\"exchanged\",\"token_type\":\"Bearer\",\"expires_in\":300}"));
        String metadata = "\n      metadata: {errand-cluster: up}\n      predicates";
        StringBuilder allow =
                new StringBuilder("  k8s:pods.list: {resource: {wildcard: true}, \"*\": {wildcard: true}}\n");
        Path socket = directory.resolve("decide.sock");
        RunningGateway.Builder builder = GitHubAppIT.example(github.uri()).trusting(HUMAN, WORKLOADS);
        builder.file(
                "application.yaml",
                Files.readString(StandInGitHub.EXAMPLE.resolve("application.yaml"))
                        .replace("\n      predicates", metadata));
        for (String kind : KINDS) {
            builder.route("{id: " + kind + ", uri: \"http://" + kind
                    + ".example.org\", metadata: {errand-cluster: up}, predicates: [Path=/" + kind
                    + "/**], filters: [StripPrefix=1, \"OperationMapping=things,as=" + kind
                    + "\", UpstreamCredential=" + kind + "]}");
            allow.append("  ").append(kind).append(":read: {resource: {wildcard: true}}\n");
        }
        gateway = builder.route(
                        "{id: k8s, uri: \"http://k8s.example.org\", metadata: {errand-cluster: up}, predicates: [Path=/k8s/**],"
                                + " filters: [StripPrefix=1, OperationMapping=k8s, UpstreamCredential=k8s]}")
                .file("operations/things.yaml", CATALOGUE)
                .file("operations/k8s.yaml", "catalogue: k8s\nresolver: kubernetes\n")
                .file("tasks/work.yaml", FrontedServer.template(allow.toString()))
                .file(
                        "tasks/clone.yaml",
                        FrontedServer.template("  git:fetch: {resource: {exact: acme/app}}\n")
                                .replace("template: work", "template: clone"))
                .property("errand.decision-service.listen", "unix:" + socket)
                .property("errand.credential-keys", "file:" + CredentialKeysFile.in(directory))
                .property("errand.upstreams.header.header.name", "X-Key")
                .property("errand.upstreams.header.header.file", file("key", "of-the-gateway-1"))
                .property("errand.upstreams.bearer.bearer.file", file("bearer", "of-the-gateway-2"))
                .property("errand.upstreams.login.vault-login.url", vault.uri())
                .property("errand.upstreams.login.vault-login.role", "errand")
                .property("errand.upstreams.login.vault-login.jwt-file", file("jwt", HUMAN.token()))
                .property("errand.upstreams.tasklogin.vault-login.url", vault.uri())
                .property("errand.upstreams.tasklogin.vault-login.role", "errand")
                .property("errand.upstreams.tasklogin.vault-login.per", "task")
                .property("errand.upstreams.tasklogin.vault-login.audience", "vault")
                .property("errand.upstreams.sigv4.sigv4.region", "eu-central-1")
                .property("errand.upstreams.sigv4.sigv4.service", "s3")
                .property(
                        "errand.upstreams.sigv4.sigv4.credentials-file",
                        file("aws", "aws_access_key_id = AKIA2\naws_secret_access_key = secret\n"))
                .property("errand.upstreams.jwt.task-jwt.audience", "jwt")
                .property("errand.upstreams.sts.sts.endpoint", servers.uri())
                .property("errand.upstreams.sts.sts.region", "eu-central-1")
                .property("errand.upstreams.sts.sts.service", "s3")
                .property("errand.upstreams.exchange.token-exchange.endpoint", servers.uri() + "/token")
                .property("errand.upstreams.exchange.token-exchange.client.id", "errand")
                .property("errand.upstreams.exchange.token-exchange.client.key", "credential")
                .property("errand.upstreams.exchange.token-exchange.audience", "exchange")
                .property("errand.upstreams.k8s.impersonate.bearer.file", file("sa", "of-the-gateway-3"))
                .property("errand.upstreams.k8s.impersonate.groups[0]", "agents")
                .start();
        asking = new AskingGateway(socket);
        agent = agent("work");
    }

    @AfterAll
    static void stop() {
        asking.close();
        gateway.close();
        servers.close();
        github.close();
        vault.close();
    }

    private static TestAgent agent(String template) {
        return TestAgent.start(
                gateway, TestKey.ed25519("agent"), HUMAN.token(), WORKLOADS, "{\"template\":\"" + template + "\"}");
    }

    /** The fields that the other gateway is told to set, by name. */
    private static Map<String, String> set(TestAgent by, String path) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("authorization", "DPoP " + by.token());
        fields.put("dpop", by.dpop("GET", path.replaceFirst("\\?.*", "")));
        fields.put("x-key", "of-the-agent");
        AskingGateway.Stream stream = asking.open();
        stream.send(AskingGateway.head("GET", path, fields, true, "up").build());
        ProcessingResponse answer = stream.answer();
        assertThat(answer.hasRequestHeaders()).as(answer.toString()).isTrue();
        Map<String, String> set = new LinkedHashMap<>();
        for (HeaderValueOption option :
                answer.getRequestHeaders().getResponse().getHeaderMutation().getSetHeadersList()) {
            set.put(
                    option.getHeader().getKey().toLowerCase(Locale.ROOT),
                    option.getHeader().getRawValue().toStringUtf8());
        }
        stream.send(AskingGateway.answerHead(204, Map.of(), true, "via_upstream"));
        assertThat(stream.answer().hasResponseHeaders()).isTrue();
        stream.halfClose();
        return set;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            header    | x-key                | of-the-gateway-1
            bearer    | authorization        | Bearer of-the-gateway-2
            login     | x-vault-token        | hvs\\.secret-[0-9]+
            tasklogin | x-vault-token        | hvs\\.secret-[0-9]+
            sigv4     | authorization        | AWS4-HMAC-SHA256 Credential=AKIA2/.*
            jwt       | authorization        | Bearer ey.*
            sts       | authorization        | AWS4-HMAC-SHA256 Credential=AKIA1/.*
            sts       | x-amz-security-token | session
            exchange  | authorization        | Bearer exchanged
            """)
    void credential_isAFieldThatTheOtherGatewaySets(String kind, String name, String value) {
        assertThat(set(agent, "/" + kind + "/things/1").getOrDefault(name, "")).matches(value);
    }

    @Test
    void impersonation_isSeveralFields() {
        assertThat(set(agent, "/k8s/api/v1/namespaces/docs/pods"))
                .containsEntry("authorization", "Bearer of-the-gateway-3")
                .containsEntry("impersonate-group", "errand:agents")
                .containsKey("impersonate-user");
    }

    @Test
    void tokenOfAGitHubApp_isThePasswordOfGit() {
        String sent = set(agent("clone"), "/git/acme/app.git/info/refs?service=git-upload-pack")
                .getOrDefault("authorization", "");
        assertThat(sent).startsWith("Basic ");
        String password =
                new String(Base64.getDecoder().decode(sent.substring("Basic ".length())), StandardCharsets.US_ASCII);
        assertThat(new ArrayList<>(github.tokens().keySet())).contains(password.replaceFirst("^x-access-token:", ""));
    }
}
