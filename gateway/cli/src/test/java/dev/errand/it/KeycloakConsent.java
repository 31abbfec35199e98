package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.errand.cli.AgentClient;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Sha256;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Consent to values at a real Keycloak, set up as docs/intent.md says: a page of its own shows the values, and asks Keycloak for an ID
 * token with their digest. Run by {@link KeycloakIT}.
 */
abstract class KeycloakConsent {
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String PAGE = "errand-form";
    private static final Page COMMANDS = new Page("docs/intent.md");
    private static final Pattern SENT = Pattern.compile("(?m)^# send the browser to: (.*)\n");
    private static final String SECRET = "of-this-page";
    private static final String TRANSFER = "/bank/transfers";

    private static final String CATALOGUE = """
            catalogue: bank
            resolver: template
            operations:
              - {id: mail.read, match: {method: GET, path: "/mails/{id}"}, effect: read, resource: "mails/{id}", yields: untrusted}
              - id: transfer
                match: {method: POST, path: "/transfers"}
                effect: write
                params: {account: "body:/account", amount: "body:/amount"}
            """;

    private static final String TEMPLATE = """
            template: pay
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers], consent: {claim: errand_values}}
            allow:
              bank:mail.read: {resource: {path_containment: mails}}
              bank:transfer: {resource: {exact: transfers}, account: {pinned: true}, amount: {pinned: {range: {max: 500}}}}
            on-violation: {not-granted: deny}
            """;

    private static final String TOOLS = """
            {"bank:mail.read": {}, "bank:transfer": {
             "resource": {"constraint_type": "exact", "value": "transfers"},
             "account": {"constraint_type": "exact", "value": "DE42"},
             "amount": {"constraint_type": "exact", "value": 120}}}\
            """;

    private static final BlockingQueue<String> BACK = new LinkedBlockingQueue<>();

    private static HttpServer page;
    private static KeycloakRealm realm;
    private static RecordingUpstream upstream;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() throws Exception {
        page = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 50);
        page.createContext("/", exchange -> {
            BACK.add(String.valueOf(exchange.getRequestURI().getRawQuery()));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        page.start();
        String mappers = KeycloakRealm.mappers("errand");
        String client = """
                {"clientId": "%s", "enabled": true, "publicClient": false, "secret": "%s", "standardFlowEnabled": true,
                 "directAccessGrantsEnabled": false, "redirectUris": ["%s"],
                 "attributes": {"require.pushed.authorization.requests": "true"},
                 "protocolMappers": %s}\
                """.formatted(PAGE, SECRET, redirect(), mappers.substring(0, mappers.length() - 1) + """
                     , {"name": "values", "protocol": "openid-connect", "protocolMapper": "oidc-claims-param-value-idtoken-mapper",
                        "config": {"claim.name": "errand_values", "id.token.claim": "true"}}]\
                     """);
        realm = KeycloakIT.keycloak.realm(
                "consent", KeycloakRealm.text("consent", "", client + "," + KeycloakRealm.commandLine("errand"), ""));
        upstream = new RecordingUpstream();
        gateway = RunningGateway.with()
                .trusting(TestHuman.releaseManager(), WORKLOADS)
                .route("{id: bank, uri: \"" + upstream.uri()
                        + "\", predicates: [Path=/bank/**], filters: [StripPrefix=1, OperationMapping=bank]}")
                .property("errand.trust.humans[0].issuer", realm.issuer())
                .property("errand.trust.humans[0].discovery", "true")
                .property("errand.trust.humans[0].audience", "errand")
                .property("errand.trust.humans[0].clients", PAGE + "," + KeycloakRealm.CLIENT)
                .file("operations/bank.yaml", CATALOGUE)
                .file("tasks/pay.yaml", TEMPLATE)
                .start();
    }

    @AfterAll
    static void stop() {
        page.stop(0);
        gateway.close();
        upstream.close();
    }

    private static String redirect() {
        return "http://127.0.0.1:" + page.getAddress().getPort() + "/back";
    }

    private static String digest(String tools) {
        return Sha256.labelOf(Jcs.canonicalBytes(Jws.object(tools)));
    }

    /** What the page asks Keycloak for, once the human has agreed to the values that it shows. */
    private static String claims(String tools) {
        return "{\"id_token\":{\"errand_values\":{\"essential\":true,\"value\":\"" + digest(tools) + "\"}}}";
    }

    /** The ID token of a human who agreed to these values on the page, by the commands that docs/intent.md has for its server. */
    private static String agreed(String tools) throws Exception {
        String commands =
                COMMANDS.block("# the page's server").replace("https://idp.example.org/realms/main", realm.issuer());
        Matcher sent = SENT.matcher(commands);
        assertThat(sent.find()).isTrue();
        String names =
                "set -euo pipefail\nSECRET=" + SECRET + " REDIRECT=" + redirect() + " STATE=of-this-session DIGEST="
                        + digest(tools) + "\nrealm=" + realm.endpoint("") + "\nrealm=${realm%/}\n";
        String address = printed(names + commands.substring(0, sent.start()) + "printf %s \"" + sent.group(1) + "\"");
        new KeycloakBrowser().logIn(address, "ada", Keycloak.PASSWORD);
        Map<String, String> back = TestProvider.parameters(BACK.poll(60, TimeUnit.SECONDS));
        assertThat(back).containsEntry("state", "of-this-session");
        return printed(names + "cd \"$(mktemp -d)\"\n" + commands.substring(0, commands.indexOf("REQUEST=")) + "CODE="
                        + back.get("code") + "\n" + commands.substring(sent.end())
                        + "cat human.jwt\nrm human.jwt\nrmdir \"$PWD\"")
                .strip();
    }

    /** What a script printed, which must succeed. */
    private static String printed(String script) throws Exception {
        Process bash = new ProcessBuilder("bash", "-c", script)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(said).isZero();
        return said;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static TestAgent agent(String human, String type, String tools) {
        TestKey key = TestKey.ed25519("agent");
        JsonObject answer = TestAgent.client(gateway)
                .start(
                        key.agent(),
                        new AgentClient.Start(
                                human,
                                type,
                                WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER),
                                Jws.object("{\"template\":\"pay\",\"parameters\":{}}"),
                                Jws.object(tools)));
        return new TestAgent(key, String.valueOf(answer.string("access_token")), java.util.List.of());
    }

    private static String transfer(TestAgent agent, String account) {
        HttpResponse<String> answer =
                agent.call(gateway, "POST", TRANSFER, "{\"account\":\"" + account + "\",\"amount\":120}");
        return answer.statusCode() == 200
                ? "permit"
                : answer.headers().firstValue("Errand-Code").orElse(answer.body());
    }

    @Test
    void values_thatTheHumanAgreedToOnThePage_areTheOnesThatPass() throws Exception {
        TestAgent agent = agent(agreed(TOOLS), "id_token", TOOLS);
        assertThat(transfer(agent, "DE42")).isEqualTo("permit");
        assertThat(transfer(agent, "DE66")).isEqualTo("constraint-violated");
    }

    @Test
    void values_thatTheAgentPutInTheirPlace_areNotGranted() throws Exception {
        TestAgent agent = agent(agreed(TOOLS), "id_token", TOOLS.replace("DE42", "DE66"));
        assertThat(transfer(agent, "DE66")).isEqualTo("not-granted");
        assertThat(transfer(agent, "DE42")).isEqualTo("not-granted");
    }

    /** The mapper is of the page's client alone, so a client that a program may be puts nothing into the claim. */
    @Test
    void claim_isNotHad_byTheClientOfACommandLine() throws Exception {
        String token = new CommandLineLogin(realm)
                .run(url -> new KeycloakBrowser()
                        .logIn(url + "&claims=" + encode(claims(TOOLS)), "ada", Keycloak.PASSWORD));
        assertThat(Jws.claims(token).get("errand_values")).isNull();
        assertThat(transfer(agent(token, "jwt", TOOLS), "DE42")).isEqualTo("not-granted");
    }

    /** Who has not the page's secret cannot begin a sign-in of the page's client. */
    @Test
    void claim_isNotHad_byAnAddressThatSomebodyElseMade() throws Exception {
        BACK.clear();
        new KeycloakBrowser()
                .open(realm.endpoint("auth") + "?client_id=" + PAGE + "&response_type=code&scope=openid&redirect_uri="
                        + encode(redirect()) + "&claims=" + encode(claims(TOOLS)));
        assertThat(TestProvider.parameters(BACK.poll(60, TimeUnit.SECONDS)))
                .containsEntry("error", "invalid_request")
                .doesNotContainKey("code");
    }

    /** Keycloak refuses {@code authorization_details} of ours, so that nobody takes a token without them for one with them. */
    @Test
    void entry_isRefused() throws Exception {
        BACK.clear();
        new KeycloakBrowser()
                .open(realm.endpoint("auth") + "?client_id=" + KeycloakRealm.CLIENT
                        + "&response_type=code&scope=openid&code_challenge=" + "a".repeat(43)
                        + "&code_challenge_method=S256&redirect_uri="
                        + encode(redirect().replace("/back", "/callback")) + "&authorization_details="
                        + encode("[{\"type\":\"errand_start\",\"template\":\"pay\"}]"));
        Map<String, String> back = TestProvider.parameters(BACK.poll(60, TimeUnit.SECONDS));
        assertThat(back).containsEntry("error", "invalid_request").doesNotContainKey("code");
        assertThat(back.get("error_description")).contains("Unsupported type 'errand_start'");
    }
}
