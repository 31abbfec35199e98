package dev.errand.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.denial.DenyReason;
import dev.errand.issuer.StartRequests.Call;
import dev.errand.issuer.StartRequests.Reply;
import dev.errand.jose.JwsAlgorithm;
import dev.errand.jose.TestKeys;
import dev.errand.jose.TestKeys.TestKey;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Sha256;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndAndMetadataTest {
    private static final String REVOKE = "/oauth2/revoke";
    private static final String INTROSPECT = "/oauth2/introspect";

    @TempDir
    Path directory;

    private IssuerServer server;
    private final TestKey rootHolder = TestKeys.of(JwsAlgorithm.ED25519);
    private final TestKey childHolder = TestKeys.of(JwsAlgorithm.ES256);
    private String root;
    private String child;

    @BeforeEach
    void startTask() throws Exception {
        server = IssuerServer.start(directory);
        Call call = StartRequests.start();
        call.holder = rootHolder;
        root = call.send(server).token();
        child = child("c1", childHolder);
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    private String child(String jti, TestKey holder) {
        JsonObject parent = StartRequests.claims(root);
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("jti", jti);
        claims.put(
                "iss",
                "urn:ietf:params:oauth:jwk-thumbprint:sha-256:"
                        + IssuerServer.thumbprint(rootHolder).value());
        claims.put("iat", StartRequests.now());
        claims.put("exp", ((dev.errand.json.JsonValue.JsonNumber) parent.get("exp")).text());
        claims.put("cnf", Map.of("jwk", raw(holder.jwk(""))));
        claims.put("del_depth", 1);
        claims.put("del_max_depth", 2);
        claims.put("par_hash", Sha256.base64UrlOf(root.substring(0, root.lastIndexOf('.'))));
        claims.put(
                "authorization_details",
                raw(dev.errand.json.Jcs.canonical(parent.get("authorization_details"))
                        .replaceAll(",?\"sequence\":\"[^\"]*\"", "")));
        claims.put("exp", raw(((dev.errand.json.JsonValue.JsonNumber) parent.get("exp")).text()));
        return rootHolder.jws("{\"alg\":\"Ed25519\",\"typ\":\"aat+jwt\"}", StartRequests.json(claims));
    }

    private static Object raw(String json) {
        return new StringBuilder(json);
    }

    private boolean active(String token, TestKey by, String ancestors) {
        Call call = StartRequests.about(INTROSPECT, token, by);
        if (ancestors != null) {
            call.headers.put("Delegation-Chain", ancestors);
        }
        Reply reply = call.send(server);
        assertThat(reply.status()).as(reply.raw().body()).isEqualTo(200);
        return reply.body().get("active").equals(new JsonBoolean(true));
    }

    private Reply revoke(String token, TestKey by, String ancestors) {
        Call call = StartRequests.about(REVOKE, token, by);
        if (ancestors != null) {
            call.headers.put("Delegation-Chain", ancestors);
        }
        return call.send(server);
    }

    @Test
    void introspect_holderAndAncestor_seeTheToken_othersDoNot() {
        assertThat(active(root, rootHolder, null)).isTrue();
        assertThat(active(child, childHolder, root)).isTrue();
        assertThat(active(child, rootHolder, root)).isTrue();
        assertThat(active(root, childHolder, null))
                .as("a child's holder is no holder of the root")
                .isFalse();
        assertThat(active(child, childHolder, null)).as("no chain, no answer").isFalse();
        assertThat(active(root, TestKeys.of(JwsAlgorithm.ED25519), null)).isFalse();
        assertThat(active("nonsense", rootHolder, null)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {REVOKE, INTROSPECT})
    void proofOfAStranger_isNotRemembered_thatOfAHolderIs(String path) {
        Call stranger = StartRequests.about(path, child, TestKeys.of(JwsAlgorithm.ED25519));
        stranger.headers.put("Delegation-Chain", root);
        String first = stranger.send(server).raw().body();
        assertThat(stranger.send(server).raw().body()).isEqualTo(first).doesNotContain("used before");

        Call holder = StartRequests.about(path, child, childHolder);
        holder.headers.put("Delegation-Chain", root);
        assertThat(holder.send(server).status()).isEqualTo(200);
        assertThat(holder.send(server).raw().body()).contains("used before");
    }

    private int signaturesOf(Call call) {
        int before = server.signatures.verified();
        call.send(server);
        return server.signatures.verified() - before;
    }

    private Call aboutTheChild(String path, TestKey by) {
        Call call = StartRequests.about(path, child, by);
        call.headers.put("Delegation-Chain", root);
        return call;
    }

    @ParameterizedTest
    @ValueSource(strings = {REVOKE, INTROSPECT})
    void badProof_verifiesNothingOfTheChain(String path) {
        Call elsewhere = aboutTheChild(path, childHolder);
        elsewhere.proof.put("htu", IssuerServer.ISSUER + "/elsewhere");
        assertThat(signaturesOf(elsewhere)).isZero();
        Call stale = aboutTheChild(path, childHolder);
        stale.proof.put("iat", StartRequests.now() - 3600);
        assertThat(signaturesOf(stale)).isZero();

        assertThat(signaturesOf(aboutTheChild(path, TestKeys.of(JwsAlgorithm.ED25519))))
                .as("whose key it is, the signatures tell")
                .isEqualTo(2);
        assertThat(signaturesOf(aboutTheChild(path, childHolder))).isEqualTo(2);
    }

    @Test
    void introspect_agentNamedInTheRoot_seesTheToken() {
        Call call = StartRequests.about(INTROSPECT, root, rootHolder);
        call.proofs.add("");
        call.form.put("client_assertion_type", ClientAuthentication.ASSERTION_TYPE);
        call.form.put("client_assertion", StartRequests.svid(IssuerServer.SPIRE_KEY, StartRequests.svidClaims()));

        JsonObject body = call.send(server).body();

        assertThat(body.get("active")).isEqualTo(new JsonBoolean(true));
        assertThat(body.string("sub")).isEqualTo("user:7f3c");
        assertThat(body.string("client_id")).isEqualTo(IssuerServer.AGENT);
        assertThat(body.string("scope")).isEqualTo("ci:pipeline.get vault:kv.read");
        assertThat(body.object("cnf").string("jkt"))
                .isEqualTo(IssuerServer.thumbprint(rootHolder).value());
        assertThat(body.object("task").string("state")).isEqualTo("active");

        Map<String, Object> other = StartRequests.svidClaims();
        other.put("sub", "spiffe://example.org/agent/release-two");
        call.form.put("client_assertion", StartRequests.svid(IssuerServer.SPIRE_KEY, other));
        assertThat(call.send(server).body().get("active")).isEqualTo(new JsonBoolean(false));

        call.form.put("client_assertion", StartRequests.svid(IssuerServer.OTHER_KEY, StartRequests.svidClaims()));
        assertThat(call.send(server).error()).isEqualTo("invalid_client");
    }

    @Test
    void introspect_withoutProofOrAssertion_isRefused() {
        Call call = StartRequests.about(INTROSPECT, root, rootHolder);
        call.proofs.add("");
        Reply reply = call.send(server);

        assertThat(reply.status()).isEqualTo(401);
        assertThat(reply.error()).isEqualTo("invalid_client");
    }

    @Test
    void revoke_rootByItsHolder_endsTheTask() {
        assertThat(revoke(root, rootHolder, null).status()).isEqualTo(200);

        assertThat(active(root, rootHolder, null)).isFalse();
        assertThat(active(child, childHolder, root)).isFalse();
        assertThat(revoke(root, rootHolder, null).status()).as("once more").isEqualTo(200);
    }

    @Test
    void revoke_childByItsAncestor_endsOnlyTheChild() {
        String sibling = child("c2", TestKeys.of(JwsAlgorithm.ED25519));

        assertThat(revoke(child, rootHolder, root).status()).isEqualTo(200);

        assertThat(active(child, childHolder, root)).isFalse();
        assertThat(active(root, rootHolder, null)).isTrue();
        assertThat(active(sibling, rootHolder, root)).isTrue();
    }

    @Test
    void revoke_childByItsHolder_endsIt() {
        assertThat(revoke(child, childHolder, root).status()).isEqualTo(200);

        assertThat(active(child, rootHolder, root)).isFalse();
    }

    @Test
    void revoke_byOthers_isRefusedAndEndsNothing() {
        Reply byChild = revoke(root, childHolder, null);
        assertThat(byChild.status()).isEqualTo(400);
        assertThat(byChild.error()).isEqualTo("invalid_dpop_proof");
        assertThat(revoke(root, TestKeys.of(JwsAlgorithm.ES256), null).status()).isEqualTo(400);

        assertThat(active(root, rootHolder, null)).isTrue();
    }

    @Test
    void revoke_tokenThatDoesNotVerify_isAnsweredAsAProofOfAnother() {
        Reply byAnother = revoke(root, childHolder, null);
        for (Reply reply : List.of(
                revoke("nonsense", rootHolder, null),
                revoke(root.substring(0, root.length() - 4) + "AAAA", rootHolder, null),
                revoke(child, childHolder, null))) {
            assertThat(reply.status()).isEqualTo(byAnother.status());
            assertThat(reply.raw().body()).isEqualTo(byAnother.raw().body());
        }
        assertThat(active(child, childHolder, root)).isTrue();
    }

    @Test
    void revoke_badProof_isRefused() {
        Call noAth = StartRequests.about(REVOKE, root, rootHolder);
        noAth.proof.remove("ath");
        assertThat(noAth.send(server).error()).isEqualTo("invalid_dpop_proof");
        Call otherAth = StartRequests.about(REVOKE, root, rootHolder);
        otherAth.proof.put("ath", Sha256.base64UrlOf(child));
        assertThat(otherAth.send(server).error()).isEqualTo("invalid_dpop_proof");
        Call noProof = StartRequests.about(REVOKE, root, rootHolder);
        noProof.proofs.add("");
        assertThat(noProof.send(server).error()).isEqualTo("invalid_dpop_proof");
        Call replay = StartRequests.about(REVOKE, child, childHolder);
        replay.headers.put("Delegation-Chain", root);
        assertThat(replay.send(server).status()).isEqualTo(200);
        assertThat(replay.send(server).error()).isEqualTo("invalid_dpop_proof");
        Call noToken = StartRequests.about(REVOKE, root, rootHolder);
        noToken.form.clear();
        assertThat(noToken.send(server).error()).isEqualTo("invalid_request");

        assertThat(active(root, rootHolder, null)).isTrue();
    }

    @Test
    void metadata_authorizationServer() {
        JsonObject body = StartRequests.get(server, "/.well-known/oauth-authorization-server")
                .body();

        assertThat(body.string("issuer")).isEqualTo(IssuerServer.ISSUER);
        assertThat(body.string("token_endpoint")).isEqualTo(IssuerServer.ISSUER + "/oauth2/token");
        assertThat(body.string("revocation_endpoint")).isEqualTo(IssuerServer.ISSUER + REVOKE);
        assertThat(body.string("introspection_endpoint")).isEqualTo(IssuerServer.ISSUER + INTROSPECT);
        assertThat(body.string("jwks_uri")).isEqualTo(IssuerServer.ISSUER + "/.well-known/jwks.json");
        assertThat(body.get("aat_issuer")).isEqualTo(new JsonBoolean(true));
    }

    @Test
    void metadata_protectedResource() {
        JsonObject body = StartRequests.get(server, "/.well-known/oauth-protected-resource/vault")
                .body();

        assertThat(body.string("resource")).isEqualTo(IssuerServer.ISSUER + "/vault");
        assertThat(body.get("authorization_servers"))
                .isEqualTo(StartRequests.parse("[\"" + IssuerServer.ISSUER + "\"]"));
        assertThat(StartRequests.get(server, "/.well-known/oauth-protected-resource/nope")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void jwks_hasNoPrivateMember() {
        Reply reply = StartRequests.get(server, "/.well-known/jwks.json");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.raw().body()).contains("\"kty\"").doesNotContain("\"d\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/.well-known/jwks.json",
                "/.well-known/oauth-authorization-server",
                "/.well-known/oauth-protected-resource/vault",
                "/problems/not-granted"
            })
    void document_isAnsweredToHeadAsToGet_withoutTheBody(String path) {
        HttpResponse<String> head = StartRequests.head(server, path);
        HttpResponse<String> get = StartRequests.get(server, path).raw();

        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        for (String field : List.of("Content-Type", "Content-Length")) {
            assertThat(head.headers().firstValue(field)).isEqualTo(get.headers().firstValue(field));
        }
    }

    @ParameterizedTest
    @EnumSource(DenyReason.class)
    void problem_everyCode_hasAPage(DenyReason reason) {
        Reply reply = StartRequests.get(server, "/problems/" + reason.code());

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.raw().body()).contains(reason.code(), reason.title());
    }

    @Test
    void problem_unknownCode_isNotFound() {
        assertThat(StartRequests.get(server, "/problems/nope").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/oauth2/token", REVOKE, INTROSPECT})
    void endpoint_get_isNotAllowed(String path) {
        Reply reply = StartRequests.get(server, path);

        assertThat(reply.status()).isEqualTo(405);
        assertThat(reply.raw().headers().firstValue("Allow")).contains("POST");
    }
}
