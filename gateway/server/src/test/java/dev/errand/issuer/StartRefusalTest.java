package dev.errand.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.issuer.StartRequests.Call;
import dev.errand.issuer.StartRequests.Reply;
import dev.errand.jose.JwsAlgorithm;
import dev.errand.jose.TestKeys;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every start that must fail, over HTTP, with its status and error. */
class StartRefusalTest {
    private static IssuerServer server;

    @BeforeAll
    static void startServer(@TempDir Path directory) throws Exception {
        server = IssuerServer.start(directory);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    private static DynamicTest refused(String name, int status, String error, Consumer<Call> broken) {
        return DynamicTest.dynamicTest(name + " is " + error, () -> {
            Call call = StartRequests.start();
            broken.accept(call);
            Reply reply = call.send(server);
            assertThat(reply.status()).as(reply.raw().body()).isEqualTo(status);
            assertThat(reply.error()).as(reply.raw().body()).isEqualTo(error);
            assertThat(reply.raw().headers().firstValue("Cache-Control")).contains("no-store");
        });
    }

    private static String start(String members) {
        return "[{\"type\":\"errand_start\",\"template\":\"release\",\"parameters\":{\"service\":\"payments\"}"
                + members + "}]";
    }

    private static String typed(String type) {
        return "{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"" + type + "\"}";
    }

    private static String tools(String tools) {
        return "[{\"type\":\"errand_start\",\"template\":\"release\",\"parameters\":{\"service\":\"payments\"}},"
                + "{\"type\":\"attenuating_agent_token\",\"tools\":" + tools + "}]";
    }

    @TestFactory
    Stream<DynamicTest> request_notInShape() {
        return Stream.of(
                refused("no grant type", 400, "invalid_request", c -> c.form.remove("grant_type")),
                refused("another grant", 400, "unsupported_grant_type", c -> c.form.put("grant_type", "password")),
                refused("an actor token", 400, "invalid_request", c -> c.form.put("actor_token", "x")),
                refused("an actor token type", 400, "invalid_request", c -> c.form.put("actor_token_type", "x")),
                refused("no subject token type", 400, "invalid_request", c -> c.form.remove("subject_token_type")),
                refused(
                        "saml",
                        400,
                        "invalid_request",
                        c -> c.form.put("subject_token_type", "urn:ietf:params:oauth:token-type:saml2")),
                refused("empty subject token", 400, "invalid_request", c -> c.form.put("subject_token", "")),
                refused(
                        "another requested type",
                        400,
                        "invalid_request",
                        c -> c.form.put("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token")),
                refused("a scope", 400, "invalid_scope", c -> c.form.put("scope", "all")),
                refused("another audience", 400, "invalid_target", c -> c.form.put("audience", "https://other")),
                refused(
                        "a look-alike resource",
                        400,
                        "invalid_target",
                        c -> c.form.put("resource", IssuerServer.ISSUER + ".evil.org/")),
                refused("a parameter twice", 400, "invalid_request", c -> c.more = "&grant_type=x"),
                refused("bad percent", 400, "invalid_request", c -> c.more = "&x=%zz"),
                refused("not utf-8", 400, "invalid_request", c -> c.more = "&x=%ff"),
                refused("a json body", 400, "invalid_request", c -> c.headers.put("Content-Type", "application/json")),
                refused("a large body", 413, "invalid_request", c -> c.more = "&x=" + "a".repeat(65 * 1024)),
                refused(
                        "basic authentication too",
                        400,
                        "invalid_request",
                        c -> c.headers.put("Authorization", "Basic YTpi")));
    }

    /** RFC 6749 section 5.2: who tries by a header is answered with a challenge of the scheme that it used. */
    @Test
    void basicAuthenticationAlone_isInvalidClientWithItsChallenge() throws Exception {
        Call call = StartRequests.start();
        call.form.put("client_assertion", "");
        call.form.remove("client_assertion_type");
        call.headers.put("Authorization", "Basic YTpi");
        Reply reply = call.send(server);
        assertThat(reply.status()).isEqualTo(401);
        assertThat(reply.error()).isEqualTo("invalid_client");
        assertThat(reply.raw().headers().allValues("WWW-Authenticate")).containsExactly("Basic realm=\"errand\"");
    }

    @TestFactory
    Stream<DynamicTest> client_notAuthenticated() {
        return Stream.of(
                refused("no assertion", 401, "invalid_client", c -> c.form.put("client_assertion", "")),
                refused("no assertion type", 401, "invalid_client", c -> c.form.remove("client_assertion_type")),
                refused(
                        "another assertion type",
                        401,
                        "invalid_client",
                        c -> c.form.put(
                                "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")),
                refused("a secret", 401, "invalid_client", c -> c.form.put("client_secret", "x")),
                refused(
                        "another client id",
                        401,
                        "invalid_client",
                        c -> c.form.put("client_id", "spiffe://example.org/agent/release-other")),
                refused("an unknown signer", 401, "invalid_client", c -> c.svidKey = IssuerServer.OTHER_KEY),
                refused(
                        "another trust domain",
                        401,
                        "invalid_client",
                        c -> c.svid.put("sub", "spiffe://example.com/agent/release-bot")),
                refused(
                        "two audiences",
                        401,
                        "invalid_client",
                        c -> c.svid.put("aud", List.of(IssuerServer.ISSUER, "https://other"))),
                refused(
                        "another audience",
                        401,
                        "invalid_client",
                        c -> c.svid.put("aud", List.of(IssuerServer.ISSUER + "/vault"))),
                refused("an expired SVID", 401, "invalid_client", c -> c.svid.put("exp", StartRequests.now() - 60)),
                refused(
                        "an SVID for a day",
                        401,
                        "invalid_client",
                        c -> c.svid.put("exp", StartRequests.now() + 86_400)),
                refused(
                        "an ID with a trailing slash",
                        401,
                        "invalid_client",
                        c -> c.svid.put("sub", IssuerServer.AGENT + "/")),
                refused("a bad client hides a bad proof", 401, "invalid_client", c -> {
                    c.svidKey = IssuerServer.OTHER_KEY;
                    c.proof.put("htm", "GET");
                    c.details("[]");
                }));
    }

    @TestFactory
    Stream<DynamicTest> proof_notGood() {
        return Stream.of(
                refused("no proof", 400, "invalid_dpop_proof", c -> c.proofs.add("")),
                refused("two proofs", 400, "invalid_dpop_proof", c -> c.proofs.addAll(List.of("a.b.c", "a.b.c"))),
                refused("another method", 400, "invalid_dpop_proof", c -> c.proof.put("htm", "GET")),
                refused(
                        "another path",
                        400,
                        "invalid_dpop_proof",
                        c -> c.proof.put("htu", IssuerServer.ISSUER + "/oauth2/revoke")),
                refused(
                        "the host that was called",
                        400,
                        "invalid_dpop_proof",
                        c -> c.proof.put("htu", server.url("/oauth2/token"))),
                refused("an old proof", 400, "invalid_dpop_proof", c -> c.proof.put("iat", StartRequests.now() - 60)),
                refused(
                        "a proof from the future",
                        400,
                        "invalid_dpop_proof",
                        c -> c.proof.put("iat", StartRequests.now() + 60)),
                refused("no jti", 400, "invalid_dpop_proof", c -> c.proof.remove("jti")),
                refused(
                        "another typ",
                        400,
                        "invalid_dpop_proof",
                        c -> c.proofHeader = "{\"typ\":\"JWT\",\"alg\":\"Ed25519\",\"jwk\":" + c.holder.jwk("") + "}"),
                refused(
                        "another's key",
                        400,
                        "invalid_dpop_proof",
                        c -> c.proofHeader = "{\"typ\":\"dpop+jwt\",\"alg\":\"Ed25519\",\"jwk\":"
                                + TestKeys.of(JwsAlgorithm.ED25519).jwk("") + "}"),
                refused("a bad proof hides a bad subject", 400, "invalid_dpop_proof", c -> {
                    c.proof.put("htm", "GET");
                    c.humanKey = IssuerServer.OTHER_KEY;
                }));
    }

    @TestFactory
    Stream<DynamicTest> subject_notGood() {
        return Stream.of(
                refused("an unknown signer", 400, "invalid_request", c -> c.humanKey = IssuerServer.OTHER_KEY),
                refused("an expired token", 400, "invalid_request", c -> c.human.put("exp", StartRequests.now() - 60)),
                refused("another audience", 400, "invalid_request", c -> c.human.put("aud", "other")),
                refused("another issuer", 400, "invalid_request", c -> c.human.put("iss", "https://evil.example")),
                refused(
                        "a delegation token",
                        400,
                        "invalid_request",
                        c -> c.humanHeader = "{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"aat+jwt\"}"),
                refused(
                        "a transaction token",
                        400,
                        "invalid_request",
                        c -> c.humanHeader = "{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"txntoken+jwt\"}"),
                refused("a logout token", 400, "invalid_request", c -> c.humanHeader = typed("logout+jwt")),
                refused("a security event", 400, "invalid_request", c -> c.humanHeader = typed("secevent+jwt")),
                refused("a key binding", 400, "invalid_request", c -> c.humanHeader = typed("application/kb+jwt")),
                refused("an unheard-of type", 400, "invalid_request", c -> c.humanHeader = typed("something+jwt")),
                refused(
                        "ten years of life",
                        400,
                        "invalid_request",
                        c -> c.human.put("exp", StartRequests.now() + 10L * 365 * 24 * 3600)),
                refused("a client's own token", 400, "invalid_request", c -> c.human.put("azp", "user:7f3c")),
                refused(
                        "a client's own token by client_id",
                        400,
                        "invalid_request",
                        c -> c.human.put("client_id", "user:7f3c")),
                refused(
                        "a token bound to a key that nobody proved",
                        400,
                        "invalid_request",
                        c -> c.human.put("cnf", Map.of("jkt", "A".repeat(43)))),
                refused(
                        "a token bound to a certificate",
                        400,
                        "invalid_request",
                        c -> c.human.put("cnf", Map.of("x5t#S256", "A".repeat(43)))),
                refused("alg none", 400, "invalid_request", c -> c.humanHeader = "{\"alg\":\"none\",\"typ\":\"JWT\"}"),
                refused(
                        "may_act for another",
                        400,
                        "invalid_request",
                        c -> c.human.put("may_act", Map.of("sub", "spiffe://example.org/agent/other"))),
                refused("may_act for nobody", 400, "invalid_request", c -> c.human.put("may_act", Map.of())),
                refused("no group", 400, "invalid_grant", c -> c.human.remove("groups")),
                refused("another group", 400, "invalid_grant", c -> c.human.put("groups", List.of("release"))),
                refused(
                        "another human issuer",
                        400,
                        "invalid_grant",
                        c -> c.details("[{\"type\":\"errand_start\",\"template\":\"foreign-human\"}]")),
                refused(
                        "no consent",
                        400,
                        "invalid_grant",
                        c -> c.details(
                                "[{\"type\":\"errand_start\",\"template\":\"consent\",\"parameters\":{\"service\":\"a\"}}]")),
                refused("consent to another task", 400, "invalid_grant", c -> {
                    c.details(
                            "[{\"type\":\"errand_start\",\"template\":\"consent\",\"parameters\":{\"service\":\"a\"}}]");
                    c.human.put(
                            "authorization_details",
                            List.of(Map.of(
                                    "type",
                                    "errand_start",
                                    "template",
                                    "consent",
                                    "parameters",
                                    Map.of("service", "b"))));
                }));
    }

    @TestFactory
    Stream<DynamicTest> details_notGranted() {
        return Stream.of(
                details("none", ""),
                details("not JSON", "{"),
                details("not an array", "{}"),
                details("an empty array", "[]"),
                details("a duplicate member", start(",\"calls\":1,\"calls\":2")),
                details("another type", "[{\"type\":\"payment\"}]"),
                details(
                        "two starts",
                        start("").replace("]", "") + "," + start("").substring(1)),
                details("an unknown member", start(",\"priority\":1")),
                details("an unknown template", "[{\"type\":\"errand_start\",\"template\":\"nope\"}]"),
                details("no template", "[{\"type\":\"errand_start\"}]"),
                details("a parameter missing", "[{\"type\":\"errand_start\",\"template\":\"release\"}]"),
                details(
                        "a parameter off its pattern",
                        "[{\"type\":\"errand_start\",\"template\":\"release\",\"parameters\":{\"service\":\"../x\"}}]"),
                details(
                        "a parameter of another name",
                        "[{\"type\":\"errand_start\",\"template\":\"release\","
                                + "\"parameters\":{\"service\":\"a\",\"x\":\"y\"}}]"),
                details(
                        "a parameter that is no string",
                        "[{\"type\":\"errand_start\",\"template\":\"release\",\"parameters\":{\"service\":1}}]"),
                details("negative calls", start(",\"calls\":-1")),
                details("calls with a fraction", start(",\"calls\":1.5")),
                details("a limit of nothing", start(",\"limits\":[{\"capacity\":0,\"period\":1}]")),
                details("an instruction without source", start(",\"instruction\":{\"ref\":\"x\"}")),
                details(
                        "an instruction with a bad digest",
                        start(",\"instruction\":{\"source\":\"human\",\"digest\":\"md5:x\"}")),
                details("no tool in common", tools("{\"vault:kv.write\":{}}")),
                details(
                        "an incomparable constraint",
                        tools(
                                "{\"vault:kv.read\":{\"resource\":{\"constraint_type\":\"contains\",\"required\":[\"a\"]}}}")),
                details(
                        "a sibling's path",
                        tools(
                                "{\"vault:kv.read\":{\"resource\":{\"constraint_type\":\"exact\",\"value\":\"secret/ci/orders\"}}}")),
                details(
                        "an unknown constraint",
                        tools("{\"vault:kv.read\":{\"resource\":{\"constraint_type\":\"x\"}}}")),
                details(
                        "a start that requires an instruction",
                        "[{\"type\":\"errand_start\",\"template\":\"strict\"}]"),
                refused(
                        "a template for another agent",
                        400,
                        "unauthorized_client",
                        c -> c.details("[{\"type\":\"errand_start\",\"template\":\"elsewhere\"}]")));
    }

    private static DynamicTest details(String name, String json) {
        return refused(name, 400, "invalid_authorization_details", c -> c.details(json));
    }
}
