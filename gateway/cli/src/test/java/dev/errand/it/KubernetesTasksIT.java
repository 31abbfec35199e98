package dev.errand.it;

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
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code impersonate}, and {@code task-jwt} by structured authentication, at a real kube-apiserver, with the objects of
 * {@code docs/credentials.md}.
 */
@Tag("apiserver")
class KubernetesTasksIT {
    private static final String MAPS = "/k8s/api/v1/namespaces/default/configmaps";
    private static final Page PAGE = new Page("docs/credentials.md");

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
                .replace("\n", "\\n");
        String said = PAGE.block("kind: AuthenticationConfiguration");
        assertThat(said).contains("url: \"https://gateway.example.org/credentials\"", "audiences: [k8s]}");
        Path claims = Files.writeString(
                directory.resolve("authentication.yaml"),
                said.replace("https://gateway.example.org/credentials", issuer.issuer())
                        .replace(
                                "audiences: [k8s]}", "audiences: [k8s], certificateAuthority: \"" + authority + "\"}"));
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
        made("clusterroles", json(PAGE.block("kind: ClusterRole")));
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

    private static String json(String yaml) {
        Object role = new Load(LoadSettings.builder().build()).loadFromString(yaml);
        return new JsonMapper().writeValueAsString(role);
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
