package dev.errand.token;

import static dev.errand.token.TestChains.ANCHOR;
import static dev.errand.token.TestChains.ISSUER;
import static dev.errand.token.TestChains.NOW;
import static dev.errand.token.TestChains.NOW_SECONDS;
import static dev.errand.token.TestChains.ROOT_HOLDER;
import static dev.errand.token.TestChains.compact;
import static dev.errand.token.TestChains.root;
import static dev.errand.token.TestChains.verify;
import static dev.errand.token.TestHolder.object;
import static dev.errand.token.TestToken.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.jose.JoseSignatureVerifier;
import dev.errand.token.OfflineVerification.Call;
import dev.errand.token.OfflineVerification.Demands;
import dev.errand.token.OfflineVerification.Verdict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PopVerifierTest {
    private static final TestToken ROOT = root();
    private static final String ARGS = "{\"resource\":\"secret/ci/payments\"}";
    private static final DelegationToken LEAF =
            ((ChainResult.Accepted) verify(ROOT)).chain().leaf();
    private static final PopVerifier VERIFIER =
            new PopVerifier(new JoseSignatureVerifier(), Set.of(ISSUER), false, Limits.DEFAULT);

    private static TestToken proof() {
        Map<String, String> claims = new LinkedHashMap<>();
        claims.put("aat_hash", text(ROOT.hash()));
        claims.put("aat_id", text("root"));
        claims.put("aat_tool", text("vault:kv.read"));
        claims.put("hta", ARGS);
        claims.put("iat", Long.toString(NOW_SECONDS));
        claims.put("jti", text("p1"));
        return TestToken.of(ROOT_HOLDER, ROOT_HOLDER, "aat-pop+jwt", claims);
    }

    static Stream<Arguments> brokenProofs() {
        return Stream.of(
                Arguments.of("7a", proof().withHeader("typ", "\"dpop+jwt\"")),
                Arguments.of("7a", proof().withHeader("alg", "\"none\"")),
                Arguments.of("7a", proof().withHeader("alg", "\"EdDSA\"")),
                Arguments.of("7b", proof().signedBy(ANCHOR)),
                Arguments.of("7b", proof().signedBy(ANCHOR).withHeader("jwk", ANCHOR.jwk())),
                Arguments.of("7c", proof().withExtra(",\"jti\":\"p2\"")),
                Arguments.of("7c", proof().without("jti")),
                Arguments.of("7c", proof().withText("jti", "x".repeat(129))),
                Arguments.of("7c", proof().withText("aat_id", "other")),
                Arguments.of("7c", proof().withText("aat_hash", "other")),
                Arguments.of("7c", proof().without("hta")),
                Arguments.of("7c", proof().with("nonce", "1")),
                Arguments.of("7d", proof().withText("aat_aud", "https://other.example.org")),
                Arguments.of("7d", proof().with("aat_aud", "1")),
                Arguments.of("7g", proof().with("iat", Long.toString(NOW_SECONDS - 31))),
                Arguments.of("7g", proof().with("iat", Long.toString(NOW_SECONDS + 31))));
    }

    @ParameterizedTest
    @MethodSource("brokenProofs")
    void verify_proofBrokenInOnePlace_isRejectedAtThatStep(String step, TestToken proof) {
        assertThat(VERIFIER.verify(proof.compact(), LEAF, NOW))
                .isInstanceOfSatisfying(
                        PopResult.Refused.class,
                        rejected -> assertThat(rejected.step()).isEqualTo(step));
    }

    @Test
    void verify_validProof_yieldsWhatItIsFor() {
        assertThat(VERIFIER.verify(
                        proof().withText("aat_aud", ISSUER)
                                .withText("nonce", "n")
                                .compact(),
                        LEAF,
                        NOW))
                .isEqualTo(new PopResult.Accepted("p1", NOW_SECONDS, "vault:kv.read", object(ARGS), "n"));
    }

    @Test
    void checkCall_comparesByJcs() {
        var proven = object("{\"b\":1.0,\"a\":\"x\"}");
        assertThat(PopVerifier.checkCall("t", proven, "t", object("{\"a\":\"x\",\"b\":1}")))
                .isEmpty();
        assertThat(PopVerifier.checkCall("t", proven, "u", proven).orElseThrow().step())
                .isEqualTo("7e");
        assertThat(PopVerifier.checkCall("t", proven, "t", object("{\"a\":\"x\",\"b\":2}"))
                        .orElseThrow()
                        .step())
                .isEqualTo("7f");
        var inadmissible = object("{\"a\":9007199254740993}");
        assertThat(PopVerifier.checkCall("t", inadmissible, "t", inadmissible)
                        .orElseThrow()
                        .step())
                .isEqualTo("7f");
    }

    private static String offline(TestToken root, String audience, Call call) {
        String jwks = "{\"keys\":[{\"kty\":\"RSA\"}," + ANCHOR.jwk(",\"iss\":\"" + ISSUER + "\"") + "]}";
        Verdict verdict = OfflineVerification.of(new JoseSignatureVerifier(), object(jwks), Limits.DEFAULT)
                .orElseThrow()
                .verify(compact(root), NOW, audience, call, Demands.NONE);
        return verdict instanceof Verdict.Deny deny ? deny.step() : "permit";
    }

    @Test
    void offlineVerification_answersEveryStep() {
        TestToken bare = ROOT.without("sub").without("act").without("task").without("sub_id");
        String pop = proof().compact();
        assertThat(offline(bare, null, null)).isEqualTo("permit");
        assertThat(offline(bare.withText("aud", "https://x.example"), null, null))
                .isEqualTo("permit");
        assertThat(offline(bare.withText("aud", "https://x.example"), ISSUER, null))
                .isEqualTo("6c");
        assertThat(offline(bare.withText("iss", "https://x.example"), null, null))
                .isEqualTo("3k");
        assertThat(offline(ROOT, null, new Call(pop, "vault:kv.read", object(ARGS))))
                .isEqualTo("permit");
        assertThat(offline(ROOT, null, new Call(pop, "vault:kv.write", object(ARGS))))
                .isEqualTo("6b");
        assertThat(offline(ROOT, null, new Call(pop, "ci:pipeline.get", object(ARGS))))
                .isEqualTo("7e");
        assertThat(offline(ROOT, null, new Call(pop, "vault:kv.read", object("{\"resource\":\"secret/ci\"}"))))
                .isEqualTo("7f");
        assertThat(offline(ROOT, null, new Call(null, "vault:kv.read", object("{}"))))
                .isEqualTo("6b");
    }

    private static String demanding(TestToken root, TestToken proof, Demands demands) {
        String jwks = "{\"keys\":[" + ANCHOR.jwk(",\"iss\":\"" + ISSUER + "\"") + "]}";
        Verdict verdict = OfflineVerification.of(new JoseSignatureVerifier(), object(jwks), Limits.DEFAULT)
                .orElseThrow()
                .verify(
                        compact(root),
                        NOW,
                        ISSUER,
                        proof == null ? null : new Call(proof.compact(), "vault:kv.read", object(ARGS)),
                        demands);
        return verdict instanceof Verdict.Deny deny ? deny.step() : "permit";
    }

    @Test
    void verify_requiredAudience_mustBeThereAndNameUs() {
        PopVerifier requiring = new PopVerifier(new JoseSignatureVerifier(), Set.of(ISSUER), true, Limits.DEFAULT);
        for (String audience : List.of("\"" + ISSUER + "\"", "[\"x\",\"" + ISSUER + "\"]")) {
            TestToken proof = proof().with("aat_aud", audience);
            assertThat(requiring.verify(proof.compact(), LEAF, NOW)).isInstanceOf(PopResult.Accepted.class);
        }
        for (TestToken proof : List.of(
                proof().without("aat_aud"),
                proof().with("aat_aud", "null"),
                proof().with("aat_aud", "[]"),
                proof().withText("aat_aud", "https://other.example.org"))) {
            assertThat(requiring.verify(proof.compact(), LEAF, NOW))
                    .isInstanceOfSatisfying(
                            PopResult.Refused.class,
                            refused -> assertThat(refused.step()).isEqualTo("7d"));
        }
    }

    @Test
    void offlineVerification_demandsMoreWhereItIsTold() {
        Demands audience = new Demands(null, true, false);
        Demands proofAudience = new Demands(null, false, true);
        Demands nonce = new Demands("n", false, false);
        assertThat(demanding(ROOT.withText("aud", ISSUER), null, audience)).isEqualTo("permit");
        assertThat(demanding(ROOT.without("aud"), null, audience)).isEqualTo("6c");
        assertThat(demanding(ROOT.without("aud"), null, Demands.NONE)).isEqualTo("permit");
        assertThat(demanding(ROOT, proof().withText("aat_aud", ISSUER), proofAudience))
                .isEqualTo("permit");
        assertThat(demanding(ROOT, proof().without("aat_aud"), proofAudience)).isEqualTo("7d");
        assertThat(demanding(ROOT, proof().withText("nonce", "n"), nonce)).isEqualTo("permit");
        assertThat(demanding(ROOT, proof().withText("nonce", "m"), nonce)).isEqualTo("7h");
        assertThat(demanding(ROOT, proof(), nonce)).isEqualTo("7h");
        assertThat(demanding(ROOT, proof().withText("nonce", "m"), Demands.NONE))
                .isEqualTo("permit");
    }

    @Test
    void offlineVerification_withoutUsableAnchor_isEmpty() {
        for (String jwks : List.of(
                "{}", "{\"keys\":[]}", "{\"keys\":[" + TestHolder.es256().jwk(",\"d\":\"AA\"") + "]}")) {
            assertThat(OfflineVerification.of(new JoseSignatureVerifier(), object(jwks), Limits.DEFAULT))
                    .isEmpty();
        }
    }
}
