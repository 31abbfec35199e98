package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** {@code impersonate}, and {@code task-jwt} by structured authentication, at a real kube-apiserver. */
@Tag("apiserver")
@EnabledIfSystemProperty(named = "errand.real-servers", matches = "true")
class KubernetesTasksIT {
    private static final String MAPS = "/k8s/api/v1/namespaces/default/configmaps";
    private static final String CLAIMS = """
            apiVersion: apiserver.config.k8s.io/v1
            kind: AuthenticationConfiguration
            jwt:
              - issuer:
                  url: %s
                  audiences: [k8s]
                  certificateAuthority: |
            %s
                claimMappings:
                  username: {expression: "'errand:' + claims.sub"}
                  groups: {expression: "['errand:agents']"}
                  extra:
                    - {key: errand.dev/task, valueExpression: claims.errand.task}
                    - {key: errand.dev/agent, valueExpression: claims.errand.agent}
                    - {key: errand.dev/human, valueExpression: "claims.errand.human.iss + '#' + claims.errand.human.sub"}
            """;

    @TempDir
    private static Path directory;

    private static StaticIssuer issuer;
    private static KubernetesApiserver server;
    private static FrontedServer impersonating;
    private static FrontedServer tokens;

    @BeforeAll
    static void start() throws Exception {
        Path keys = CredentialKeysFile.in(directory);
        TestTls tls = new TestTls(directory);
        issuer = new StaticIssuer(keys, tls.server());
        String authority = Files.readString(tls.certificate(directory.resolve("issuer.pem")))
                .indent(10);
        Path claims = Files.writeString(
                directory.resolve("authentication.yaml"), CLAIMS.formatted(issuer.issuer(), authority));
        server = KubernetesApiserver.start(directory, List.of("--authentication-config=" + claims));
        // The roles that a cluster comes with are put together by a controller, which is not here.
        made("clusterroles", """
                {"metadata":{"name":"agents"},"rules":[
                 {"apiGroups":[""],"resources":["configmaps"],"verbs":["list","create"]}]}
                """);
        made("clusterrolebindings", """
                {"metadata":{"name":"agents"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole",
                 "name":"agents"},"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"Group",
                 "name":"errand:agents"}]}
                """);
        made("clusterroles", """
                {"metadata":{"name":"errand-impersonates"},"rules":[
                 {"apiGroups":[""],"resources":["users"],"verbs":["impersonate"]},
                 {"apiGroups":[""],"resources":["groups"],"resourceNames":["errand:agents"],"verbs":["impersonate"]},
                 {"apiGroups":["authentication.k8s.io"],"resources":["userextras/errand.dev/task",
                  "userextras/errand.dev/template","userextras/errand.dev/human","userextras/errand.dev/agent"],
                  "verbs":["impersonate"]}]}
                """);
        made("clusterrolebindings", """
                {"metadata":{"name":"errand-impersonates"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io",
                 "kind":"ClusterRole","name":"errand-impersonates"},"subjects":[{"apiGroup":"rbac.authorization.k8s.io",
                 "kind":"User","name":"%s"}]}
                """.formatted(KubernetesApiserver.IMPERSONATOR));
        Map<String, String> trust = new HashMap<>(server.credential());
        trust.remove("errand.upstreams.k8s.bearer.file");
        String bearer = "file:"
                + Files.writeString(
                        directory.resolve("impersonator"), KubernetesApiserver.token(KubernetesApiserver.IMPERSONATOR));
        Map<String, String> impersonate = new HashMap<>(trust);
        impersonate.put("errand.upstreams.k8s.impersonate.bearer.file", bearer);
        impersonate.put("errand.upstreams.k8s.impersonate.groups[0]", "agents");
        impersonating = fronted(impersonate);
        Map<String, String> jwt = new HashMap<>(trust);
        jwt.put("errand.credential-keys", "file:" + keys);
        jwt.put("errand.credential-issuer", issuer.issuer());
        jwt.put("errand.upstreams.k8s.task-jwt.audience", "k8s");
        tokens = fronted(jwt);
    }

    private static void made(String kind, String body) {
        HttpResponse<String> made = server.call("POST", "/apis/rbac.authorization.k8s.io/v1/" + kind, body);
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    }

    private static FrontedServer fronted(Map<String, String> properties) {
        return FrontedServer.start(
                "k8s",
                server.uri(),
                "  k8s:configmaps.list: {}\n  k8s:configmaps.create: {}\n",
                properties,
                List.of("UpstreamCredential=k8s"));
    }

    @AfterAll
    static void stop() {
        if (tokens != null) {
            tokens.close();
        }
        if (impersonating != null) {
            impersonating.close();
        }
        if (server != null) {
            server.close();
        }
        issuer.close();
    }

    private static JsonObject event(String verb, String member) throws Exception {
        for (int waited = 0; waited < 100; waited++) {
            List<JsonObject> events = server.events();
            for (int i = events.size() - 1; i >= 0; i--) {
                JsonObject event = events.get(i);
                JsonObject on = event.object("objectRef");
                JsonObject who = event.object(member);
                if (on != null
                        && verb.equals(event.string("verb"))
                        && "configmaps".equals(on.string("resource"))
                        && who != null
                        && String.valueOf(who.string("username")).startsWith("errand:")) {
                    return who;
                }
            }
            Thread.sleep(100);
        }
        throw new AssertionError("the audit has no such call");
    }

    private static String text(JsonObject who, String extra) {
        JsonObject all = who.object("extra");
        return all == null || !(all.get(extra) instanceof JsonArray list)
                ? ""
                : list.values().toString();
    }

    @Test
    void impersonate_showsTaskHumanAndAgentInTheAudit() throws Exception {
        HttpResponse<String> answer = impersonating.agent().get(impersonating.gateway(), MAPS);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonObject who = event("list", "impersonatedUser");
        assertThat(who.string("username")).isEqualTo("errand:https://idp.example.org#user:7f3c");
        assertThat(String.valueOf(who.get("groups"))).contains("errand:agents");
        assertThat(text(who, "errand.dev/task")).contains(impersonating.agent().task());
        assertThat(text(who, "errand.dev/agent")).contains(TestWorkloads.RELEASE_BOT);
        assertThat(text(who, "errand.dev/human")).contains("https://idp.example.org#user:7f3c");
        assertThat(text(who, "errand.dev/template")).contains("work");
    }

    @Test
    void impersonate_ofTheClient_isMalformed_inEitherSpelling() {
        for (String name : List.of(
                "Impersonate-User", "impersonate_group", "Impersonate-Extra-errand.dev%2Ftask", "Impersonate-Uid")) {
            HttpResponse<String> answer =
                    impersonating.agent().call(impersonating.gateway(), "GET", MAPS, Map.of(name, "root"), null);
            assertThat(answer.statusCode()).as(name).isEqualTo(400);
            assertThat(answer.headers().firstValue("Errand-Code")).contains("malformed-request");
        }
    }

    @Test
    void taskJwt_isTakenByStructuredAuthentication_andNamedInTheAudit() throws Exception {
        HttpResponse<String> answer = tokens.agent()
                .call(
                        tokens.gateway(),
                        "POST",
                        MAPS,
                        Map.of("Content-Type", "application/json"),
                        "{\"metadata\":{\"name\":\"one\"}}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        JsonObject who = event("create", "user");
        assertThat(who.string("username")).isEqualTo("errand:" + TestWorkloads.RELEASE_BOT);
        assertThat(text(who, "errand.dev/task")).contains(tokens.agent().task());
        assertThat(text(who, "errand.dev/human")).contains("https://idp.example.org#user:7f3c");
    }
}
