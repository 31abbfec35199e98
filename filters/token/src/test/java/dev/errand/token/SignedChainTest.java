package dev.errand.token;

import static dev.errand.token.TestChains.ANCHOR;
import static dev.errand.token.TestChains.ANCHORS;
import static dev.errand.token.TestChains.CHILD_HOLDER;
import static dev.errand.token.TestChains.ISSUER;
import static dev.errand.token.TestChains.LEAF_HOLDER;
import static dev.errand.token.TestChains.NOW;
import static dev.errand.token.TestChains.NOW_SECONDS;
import static dev.errand.token.TestChains.ROOT_HOLDER;
import static dev.errand.token.TestChains.chain;
import static dev.errand.token.TestChains.child;
import static dev.errand.token.TestChains.compact;
import static dev.errand.token.TestChains.root;
import static dev.errand.token.TestChains.verifier;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.jose.JoseSignatureVerifier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is verified for a sender who has yet to prove to hold the leaf: signatures, few of them, and nothing else. */
class SignedChainTest {
    private final CountingSignatures signatures = new CountingSignatures();

    private ChainVerifier counting(List<Anchor> anchors) {
        return new ChainVerifier(signatures, () -> anchors, Set.of(ISSUER), Limits.DEFAULT);
    }

    private static SignedChain signed(SignatureResult result) {
        assertThat(result).isInstanceOf(SignatureResult.Accepted.class);
        return ((SignatureResult.Accepted) result).chain();
    }

    private static String step(SignatureResult result) {
        assertThat(result).isInstanceOf(SignatureResult.Refused.class);
        return ((SignatureResult.Refused) result).step();
    }

    /** Chains that are wrong in what their signatures cover. */
    static Stream<Arguments> wrong() {
        String quadratic = "{\"constraint_type\":\"all\",\"constraints\":["
                + String.join(",", Collections.nCopies(270, "{\"constraint_type\":\"wildcard\"}")) + "]}";
        return Stream.of(
                Arguments.of("3e", List.of(root().with("exp", Long.toString(NOW_SECONDS)))),
                Arguments.of("3n", List.of(root().withTools("{\"t\":{\"a\":{\"constraint_type\":\"regex\"}}}"))),
                Arguments.of("3n", List.of(root().withTools("{\"t\":{\"a\":" + quadratic + "}}"))),
                Arguments.of("4i", List.of(root(), child().with("exp", Long.toString(NOW_SECONDS)))),
                Arguments.of("4d", List.of(root(), child().with("del_depth", "7"))),
                Arguments.of("4p1", List.of(root(), child().withTools("{\"k8s:pods.delete\":{}}"))),
                Arguments.of("4q", List.of(root().withText("jti", "twin"), child())),
                Arguments.of("6a", List.of(root(), child().with("authorization_details", "[]"))),
                Arguments.of("6c", List.of(root(), child().withText("aud", "https://x"))),
                Arguments.of("task:act", List.of(root().without("act"))));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void verifySignatures_ofAChainThatIsWrongOtherwise_leavesThatToTheCheck(String step, List<TestToken> tokens) {
        SignedChain signed = signed(verifier().verifySignatures(compact(tokens.toArray(TestToken[]::new))));

        assertThat(signed.leaf().jti())
                .isEqualTo(tokens.get(tokens.size() - 1).claims().get("jti").replace("\"", ""));
        assertThat(verifier().check(signed, NOW))
                .isInstanceOfSatisfying(
                        ChainResult.Refused.class,
                        rejected -> assertThat(rejected.step()).isEqualTo(step));
    }

    @Test
    void check_ofAGoodChain_isWhatTheStandardsOrderYields() {
        for (int derived : new int[] {0, 1, 8}) {
            List<String> chain = chain(derived);
            SignedChain signed = signed(verifier().verifySignatures(chain));
            assertThat(verifier().check(signed, NOW)).isEqualTo(verifier().verify(chain, NOW));
            assertThat(signed.isHeldBy(ROOT_HOLDER.key().thumbprint())).isTrue();
            assertThat(signed.isHeldBy(CHILD_HOLDER.key().thumbprint())).isEqualTo(derived > 0);
            assertThat(signed.isHeldBy(ANCHOR.key().thumbprint())).isFalse();
        }
    }

    @Test
    void verifySignature_belowKnownAncestors_isOne() {
        List<String> chain = chain(8);
        ChainVerifier verifier = counting(ANCHORS);
        var above = ((ChainResult.Accepted) verifier.verify(chain.subList(0, 8), NOW)).chain();
        int before = signatures.verified();

        SignedChain signed = signed(verifier.verifySignature(above, chain.get(8)));

        assertThat(signatures.verified() - before).isEqualTo(1);
        assertThat(verifier.check(signed, NOW)).isEqualTo(verifier.verify(chain, NOW));
    }

    @Test
    void verifySignatures_ofMoreTokensThanAChainHas_verifiesNone() {
        List<String> many = Collections.nCopies(100, root().compact());

        assertThat(step(counting(ANCHORS).verifySignatures(many))).isEqualTo("4f");
        assertThat(signatures.verified()).isZero();
    }

    @Test
    void verifySignatures_ofADeepChain_isOneForEachToken() {
        signed(counting(ANCHORS).verifySignatures(chain(8)));

        assertThat(signatures.verified()).isEqualTo(9);
    }

    @Test
    void verifySignatures_rootWithoutKidUnderManyAnchors_triesAFew() {
        List<Anchor> anchors = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            anchors.add(new Anchor(ISSUER, "k" + i, TestHolder.ed25519().key(), false));
            anchors.add(new Anchor(ISSUER, "e" + i, TestHolder.es256().key(), false));
        }
        assertThat(step(counting(anchors).verifySignatures(compact(root())))).isEqualTo("3b");
        assertThat(signatures.verified()).isEqualTo(RootSteps.MAX_KEYS);

        anchors.add(new Anchor(ISSUER, "a1", ANCHOR.key(), true));
        int before = signatures.verified();
        signed(counting(anchors).verifySignatures(compact(root().withHeader("kid", "\"a1\""))));
        assertThat(signatures.verified() - before).isEqualTo(1);
    }

    @Test
    void verifySignatures_oneKeyOfManyIssuers_isTriedOnce() {
        List<Anchor> anchors = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            anchors.add(new Anchor("https://i" + i + ".example", null, LEAF_HOLDER.key(), false));
        }
        anchors.add(new Anchor(ISSUER, null, ANCHOR.key(), true));

        SignedChain signed = signed(counting(anchors).verifySignatures(compact(root())));

        assertThat(signatures.verified()).isEqualTo(2);
        assertThat(signed.signer()).isEqualTo(ANCHOR.key().thumbprint());
        assertThat(new ChainVerifier(new JoseSignatureVerifier(), () -> anchors, Set.of(ISSUER), Limits.DEFAULT)
                        .trusts(ANCHOR.key().thumbprint()))
                .isTrue();
    }
}
