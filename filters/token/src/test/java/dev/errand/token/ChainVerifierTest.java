package dev.errand.token;

import static dev.errand.token.TestChains.ANCHOR;
import static dev.errand.token.TestChains.ANCHORS;
import static dev.errand.token.TestChains.CHILD_HOLDER;
import static dev.errand.token.TestChains.ISSUER;
import static dev.errand.token.TestChains.LEAF_HOLDER;
import static dev.errand.token.TestChains.NOW;
import static dev.errand.token.TestChains.NOW_SECONDS;
import static dev.errand.token.TestChains.ROOT_HOLDER;
import static dev.errand.token.TestChains.capability;
import static dev.errand.token.TestChains.chain;
import static dev.errand.token.TestChains.child;
import static dev.errand.token.TestChains.compact;
import static dev.errand.token.TestChains.foreignRoot;
import static dev.errand.token.TestChains.root;
import static dev.errand.token.TestChains.verifier;
import static dev.errand.token.TestChains.verify;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.jose.JoseSignatureVerifier;
import dev.errand.token.Capability.Check;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChainVerifierTest {
    private static final String DEEP = "[".repeat(900) + "]".repeat(900);

    private static VerifiedChain accepted(ChainResult result) {
        assertThat(result).isInstanceOf(ChainResult.Accepted.class);
        return ((ChainResult.Accepted) result).chain();
    }

    private static String step(ChainResult result) {
        assertThat(result).isInstanceOf(ChainResult.Refused.class);
        return ((ChainResult.Refused) result).step();
    }

    private static String nested(int levels) {
        String clause = "{\"constraint_type\":\"wildcard\"}";
        for (int i = 1; i < levels; i++) {
            clause = "{\"constraint_type\":\"all\",\"constraints\":[" + clause + "]}";
        }
        return "{\"t\":{\"a\":" + clause + "}}";
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 8})
    void verify_chainOfEveryDepth_isAccepted(int derived) {
        VerifiedChain chain = accepted(verifier().verify(chain(derived), NOW));

        assertThat(chain.tokens()).hasSize(derived + 1);
        assertThat(chain.leaf().depth()).isEqualTo(derived);
        assertThat(chain.earliestExpiry()).isEqualTo(NOW_SECONDS + 600);
        assertThat(chain.root().human()).isEqualTo(new Human("https://idp.example.org", "user:7f3c"));
        assertThat(chain.root().task())
                .extracting(RootFacts.TaskFacts::template)
                .isEqualTo("release");
        assertThat(chain.leaf().capability().check("ci:pipeline.get", TestHolder.object("{\"x\":1}")))
                .isEqualTo(new Check.Granted());
    }

    @Test
    void verify_emptyChain_isStep1() {
        assertThat(step(verifier().verify(List.of(), NOW))).isEqualTo("1");
    }

    @Test
    void verify_largeTokenAndChain_areSteps2aAnd2b() {
        TestToken large = root().withText("filler", "x".repeat(12_500));
        assertThat(step(verify(large))).isEqualTo("2a");

        List<String> chain = new ArrayList<>();
        TestToken token = root().withText("filler", "x".repeat(9_000));
        for (int i = 0; i < 4; i++) {
            chain.add(token.compact());
            token = child(token, CHILD_HOLDER).withText("filler", "x".repeat(9_000));
        }
        assertThat(step(verifier().verify(chain, NOW))).isEqualTo("2b");
        assertThat(verifier().verify(chain.subList(0, 3), NOW)).isInstanceOf(ChainResult.Accepted.class);
        VerifiedChain three = accepted(verifier().verify(chain.subList(0, 3), NOW));
        assertThat(step(verifier().extend(three, chain.get(3), NOW))).isEqualTo("2b");
    }

    static Stream<Arguments> brokenRoots() {
        return Stream.of(
                Arguments.of("3a", root().withHeader("alg", "\"none\"")),
                Arguments.of("3a", root().withHeader("alg", "\"HS256\"")),
                Arguments.of("3a", root().withHeader("alg", "\"RS256\"")),
                Arguments.of("3a", root().withHeader("alg", "\"EdDSA\"")),
                Arguments.of("3a", root().withHeader("alg", null)),
                Arguments.of("3a", root().withHeader("typ", "\"JWT\"")),
                Arguments.of("3a", root().withHeader("typ", "\"AAT+JWT\"")),
                Arguments.of("3a", root().withHeader("typ", null)),
                Arguments.of("3a", root().withHeader("crit", "[\"exp\"]")),
                Arguments.of("3a", root().withHeader("b64", "false")),
                Arguments.of("3a", root().withHeader("kid", "7")),
                Arguments.of("3b", root().withHeader("alg", "\"ES256\"")),
                Arguments.of("3b", root().withHeader("kid", "\"b1\"")),
                Arguments.of("3b", root().withHeader("kid", "\"unknown\"")),
                Arguments.of("3b", root().signedBy(LEAF_HOLDER)),
                Arguments.of("3b", root().signedBy(LEAF_HOLDER).withHeader("jwk", LEAF_HOLDER.jwk())),
                Arguments.of("3b", root().withExtra(",\"jti\":\"again\"")),
                Arguments.of("3b", root().withExtra(",\"x\":{\"y\":[{\"z\":1,\"z\":1}]}")),
                Arguments.of("3b", root().with("deep", DEEP)),
                Arguments.of("3b", root().with("iat", NOW_SECONDS + ".0")),
                Arguments.of("3b", root().with("exp", "1.8e9")),
                Arguments.of("3b", root().with("exp", "\"" + NOW_SECONDS + "\"")),
                Arguments.of("3b", root().with("exp", "9007199254740993")),
                Arguments.of("3b", root().without("exp")),
                Arguments.of("3c", root().with("del_depth", "1")),
                Arguments.of("3c", root().without("del_depth")),
                Arguments.of("3c", root().with("del_depth", "-0")),
                Arguments.of("3d", root().withText("par_hash", "x")),
                Arguments.of("3d", root().with("par_hash", "null")),
                Arguments.of("3e", root().with("exp", Long.toString(NOW_SECONDS))),
                Arguments.of("3f", root().with("iat", Long.toString(NOW_SECONDS + 31))),
                Arguments.of(
                        "3g",
                        root().with("iat", Long.toString(NOW_SECONDS + 20))
                                .with("exp", Long.toString(NOW_SECONDS + 20))),
                Arguments.of("3h", root().with("exp", Long.toString(NOW_SECONDS - 10 + 3601))),
                Arguments.of("3i", root().with("del_max_depth", "9")),
                Arguments.of("3i", root().with("del_max_depth", "-1")),
                Arguments.of("3i", root().with("del_max_depth", "1.0")),
                Arguments.of("3j", root().withText("jti", "")),
                Arguments.of("3j", root().with("jti", "1")),
                Arguments.of("3j", root().without("jti")),
                Arguments.of("3k", root().withText("iss", TestChains.OTHER_ISSUER)),
                Arguments.of("3k", root().without("iss")),
                Arguments.of("3l", root().without("cnf")),
                Arguments.of("3l", root().with("cnf", "{\"jkt\":\"x\"}")),
                Arguments.of("3l", root().with("cnf", "{\"jwk\":" + ROOT_HOLDER.jwk(",\"d\":\"AA\"") + "}")),
                Arguments.of("3m", root().without("authorization_details")),
                Arguments.of("3m", root().with("authorization_details", "[]")),
                Arguments.of("3m", root().with("authorization_details", "[1]")),
                Arguments.of("3m", root().with("authorization_details", capability("{}"))),
                Arguments.of(
                        "3m",
                        root().with("authorization_details", "[" + capability("{}") + "," + capability("{}") + "]")),
                Arguments.of("3m", root().withTools("[]")),
                Arguments.of("3m", root().withTools("{\"t\":[]}")),
                Arguments.of("3n", root().withTools("{\"t\":{\"a\":1}}")),
                Arguments.of("3n", root().withTools("{\"t\":{\"a\":{\"constraint_type\":\"regex\"}}}")),
                Arguments.of("3n", root().withTools(nested(33))),
                Arguments.of("3n", root().withTools(nested(90))),
                Arguments.of("6c", root().withText("aud", "https://other.example.org")),
                Arguments.of("6c", root().with("aud", "[]")),
                Arguments.of("6c", root().with("aud", "7")),
                Arguments.of("6c", root().with("aud", "[\"" + ISSUER + "\",1]")),
                Arguments.of("task:sub", root().without("sub")),
                Arguments.of("task:sub", root().with("sub", "1")),
                Arguments.of("task:act", root().without("act")),
                Arguments.of("task:act", root().with("act", "{}")),
                Arguments.of("task:act", root().with("act", "{\"sub\":\"\"}")),
                Arguments.of("task:act", root().with("act", "{\"sub\":\"release-bot\"}")),
                Arguments.of("task:act", root().with("act", "{\"sub\":\"spiffe://example.org/a\\nb\"}")),
                Arguments.of("task:task", root().without("task")),
                Arguments.of("task:task", root().with("task", "{\"id\":\"t-1\",\"template\":\"release\"}")),
                Arguments.of("task:sub_id", root().with("sub_id", "{\"format\":\"opaque\",\"id\":\"1\"}")),
                Arguments.of("task:auth_time", root().withText("auth_time", "now")),
                Arguments.of("task:acr", root().with("acr", "1")),
                Arguments.of("task:aud", foreignRoot().without("aud")),
                Arguments.of("6c", foreignRoot().withText("aud", "https://other.example.org")),
                Arguments.of("task:sub", foreignRoot().without("sub")),
                Arguments.of("task:act", foreignRoot().without("act")),
                Arguments.of("task:act", foreignRoot().with("act", "{\"sub\":\"https://example.org/a\"}")));
    }

    @ParameterizedTest
    @MethodSource("brokenRoots")
    void verify_rootBrokenInOnePlace_isRejectedAtThatStep(String step, TestToken root) {
        assertThat(step(verify(root))).isEqualTo(step);
    }

    static Stream<Arguments> brokenChildren() {
        TestToken shallow = root().with("del_max_depth", "0");
        TestToken sibling = root().withText("jti", "another-root");
        return Stream.of(
                Arguments.of("2c", root(), child().withText("jti", "root")),
                Arguments.of("2c", root(), root()),
                Arguments.of("4a", root(), child().withHeader("alg", "\"none\"")),
                Arguments.of("4a", root(), child().withHeader("alg", "\"EdDSA\"")),
                Arguments.of("4a", root(), child().withHeader("typ", "\"dpop+jwt\"")),
                Arguments.of("4a", root(), child().withHeader("crit", "[\"b64\"]")),
                Arguments.of("4b", root(), child().withHeader("kid", "\"a1\"")),
                Arguments.of("4b", root(), child().signedBy(ANCHOR)),
                Arguments.of("4b", root(), child().signedBy(CHILD_HOLDER).withHeader("jwk", CHILD_HOLDER.jwk())),
                Arguments.of("4b", root(), child().withExtra(",\"jti\":\"again\"")),
                Arguments.of("4b", root(), child().without("jti")),
                Arguments.of("4b", root(), child().withText("jti", "")),
                Arguments.of("4b", root(), child().without("cnf")),
                Arguments.of("4b", root(), child().with("cnf", "{\"jwk\":" + CHILD_HOLDER.jwk(",\"d\":\"AA\"") + "}")),
                Arguments.of("4b", root(), child().without("authorization_details")),
                Arguments.of("4b", root(), child().with("authorization_details", "{}")),
                Arguments.of("4b", root(), child().without("del_depth")),
                Arguments.of("4b", root(), child().with("del_max_depth", "8.0")),
                Arguments.of("4b", root(), child().without("iss")),
                Arguments.of("4b", root(), child().without("par_hash")),
                Arguments.of("4b", root(), child().with("iat", "1e9")),
                Arguments.of("4b", root(), child().without("exp")),
                Arguments.of("4c", root(), child().withText("iss", ISSUER)),
                Arguments.of("4d", root(), child().with("del_depth", "2")),
                Arguments.of("4d", root(), child().with("del_depth", "0")),
                Arguments.of("4e", shallow, child(shallow, CHILD_HOLDER)),
                Arguments.of("4g", root(), child().with("del_max_depth", "9")),
                Arguments.of("4m", root(), child().with("del_max_depth", "0")),
                Arguments.of("4h", root(), child().with("exp", Long.toString(NOW_SECONDS + 601))),
                Arguments.of("4i", root(), child().with("exp", Long.toString(NOW_SECONDS))),
                Arguments.of("4j", root(), child().with("iat", Long.toString(NOW_SECONDS - 11))),
                Arguments.of("4k", root(), child().with("iat", Long.toString(NOW_SECONDS + 31))),
                Arguments.of(
                        "4l",
                        root(),
                        child().with("iat", Long.toString(NOW_SECONDS + 20))
                                .with("exp", Long.toString(NOW_SECONDS + 20))),
                Arguments.of(
                        "4n",
                        root(),
                        child().with("authorization_details", "[" + capability("{}") + "," + capability("{}") + "]")),
                Arguments.of("4n", root(), child().withTools("7")),
                Arguments.of("4o", root(), child().withTools("{\"ci:pipeline.get\":{\"a\":{}}}")),
                Arguments.of("4p1", root(), child().withTools("{\"k8s:pods.delete\":{}}")),
                Arguments.of("4p2", root(), child().withTools("{\"vault:kv.read\":{}}")),
                Arguments.of(
                        "4p3",
                        root(),
                        child().withTools("{\"vault:kv.read\":{\"resource\":{\"constraint_type\":\"path_containment\","
                                + "\"root\":\"secret/ci\",\"optional\":true}}}")),
                Arguments.of(
                        "4p4",
                        root(),
                        child().withTools("{\"vault:kv.read\":{\"resource\":{\"constraint_type\":\"path_containment\","
                                + "\"root\":\"secret\"}}}")),
                Arguments.of("4q", root(), child().withText("par_hash", sibling.hash())),
                Arguments.of("4q", sibling, child()),
                Arguments.of("6a", root(), child().with("authorization_details", "[]")),
                Arguments.of("6c", root(), child().withText("aud", "https://other.example.org")),
                Arguments.of("task:act", root(), child().with("act", "{\"sub\":7}")),
                Arguments.of("task:act", root(), child().with("act", "{\"sub\":\"a worker\"}")),
                Arguments.of("task:act", root(), child().with("act", "{\"sub\":\"spiffe://example.org/a/\"}")),
                Arguments.of("task:act", root(), child().with("act", "{\"sub\":\"spiffe://example.org/\u202eb\"}")),
                Arguments.of(
                        "task:act",
                        root(),
                        child().with(
                                        "act",
                                        "{\"sub\":\"spiffe://example.org/a\\n"
                                                + "  spiffe://example.org/b (attested): 1 permitted, 0 denied\"}")));
    }

    @ParameterizedTest
    @MethodSource("brokenChildren")
    void verify_childBrokenInOnePlace_isRejectedAtThatStep(String step, TestToken root, TestToken child) {
        assertThat(step(verify(root, child))).isEqualTo(step);
        VerifiedChain known = accepted(verify(root));
        assertThat(step(verifier().extend(known, child.compact(), NOW))).isEqualTo(step);
    }

    @Test
    void verify_depthBeyondOurs_isStep4f() {
        Limits limits = new Limits(16 << 10, 48 << 10, 8, 32, 3600, 30);
        TestToken root = root();
        Limits shallow = new Limits(16 << 10, 48 << 10, 1, 32, 3600, 30);
        TestToken one = root.with("del_max_depth", "1");
        TestToken child = child(one, CHILD_HOLDER);
        TestToken below = child(child, LEAF_HOLDER);
        // Where 3i and 4g hold, 4e refuses first; 4f is what is left when our own maximum shrank under a known chain.
        assertThat(step(new ChainVerifier(new JoseSignatureVerifier(), () -> ANCHORS, Set.of(ISSUER), shallow)
                        .verify(compact(one, child, below), NOW)))
                .isEqualTo("4e");
        VerifiedChain known =
                accepted(new ChainVerifier(new JoseSignatureVerifier(), () -> ANCHORS, Set.of(ISSUER), limits)
                        .verify(compact(root, child(root, CHILD_HOLDER)), NOW));
        TestToken second = child(child(root, CHILD_HOLDER), LEAF_HOLDER);
        assertThat(step(new ChainVerifier(new JoseSignatureVerifier(), () -> ANCHORS, Set.of(ISSUER), shallow)
                        .extend(known, second.compact(), NOW)))
                .isEqualTo("4f");
    }

    @Test
    void verify_reorderedTruncatedOrTamperedChain_isRejected() {
        List<String> chain = chain(2);
        assertThat(step(verifier().verify(List.of(chain.get(1), chain.get(2)), NOW)))
                .isEqualTo("3b");
        assertThat(step(verifier().verify(List.of(chain.get(0), chain.get(2)), NOW)))
                .isEqualTo("4b");
        assertThat(step(verifier().verify(List.of(chain.get(0), chain.get(2), chain.get(1)), NOW)))
                .isEqualTo("4b");

        String root = chain.get(0);
        int signature = root.lastIndexOf('.') + 1;
        for (int i = signature; i < root.length(); i++) {
            char other = root.charAt(i) == 'A' ? 'B' : 'A';
            String tampered = root.substring(0, i) + other + root.substring(i + 1);
            assertThat(step(verifier().verify(List.of(tampered), NOW))).isEqualTo("3b");
        }
        assertThat(step(verifier().verify(List.of(root + "A"), NOW))).isEqualTo("3b");
        assertThat(step(verifier().verify(List.of(root + "="), NOW))).isEqualTo("3b");
        assertThat(step(verifier().verify(List.of("no token"), NOW))).isEqualTo("3a");
    }

    @Test
    void verify_allZeroEs256Signature_isRejected() {
        String compact = foreignRoot().compact();
        String forged = compact.substring(0, compact.lastIndexOf('.') + 1) + TestHolder.base64(new byte[64]);

        assertThat(step(verifier().verify(List.of(forged), NOW))).isEqualTo("3b");
    }

    private static final String OTHER_HUMAN =
            "{\"format\":\"iss_sub\",\"iss\":\"https://idp.example.org\",\"sub\":\"user:7f3c\"}";

    private static ChainVerifier speakingFor(String... issuers) {
        Anchor anchor =
                new Anchor(TestChains.OTHER_ISSUER, "b1", TestChains.OTHER_ANCHOR.key(), false, Set.of(issuers));
        return new ChainVerifier(new JoseSignatureVerifier(), () -> List.of(anchor), Set.of(ISSUER), Limits.DEFAULT);
    }

    @Test
    void verify_anchorThatSpeaksForAHumanOfAnotherProvider_isStepSubId() {
        List<String> own = compact(foreignRoot());
        List<String> other = compact(foreignRoot().with("sub_id", OTHER_HUMAN));

        accepted(speakingFor(TestChains.OTHER_ISSUER).verify(own, NOW));
        assertThat(step(speakingFor(TestChains.OTHER_ISSUER).verify(other, NOW)))
                .isEqualTo("task:sub_id");
        accepted(speakingFor("https://idp.example.org").verify(other, NOW));
        assertThat(step(speakingFor("https://idp.example.org").verify(own, NOW)))
                .isEqualTo("task:sub_id");
        accepted(speakingFor("https://idp.example.org", TestChains.OTHER_ISSUER).verify(own, NOW));
    }

    @Test
    void stillValid_ofAnAnchorThatMaySpeakForFewerHumansNow_isFalse() {
        VerifiedChain known = accepted(speakingFor("https://idp.example.org")
                .verify(compact(foreignRoot().with("sub_id", OTHER_HUMAN)), NOW));

        assertThat(speakingFor("https://idp.example.org").stillValid(known, NOW))
                .isTrue();
        assertThat(speakingFor(TestChains.OTHER_ISSUER).stillValid(known, NOW)).isFalse();
    }

    @Test
    void verify_kidOfOneAnchorSignedByAnotherWithoutKid_isStep3b() {
        Anchor nameless = new Anchor(ISSUER, null, TestChains.ANCHOR.key(), true);
        Anchor named = new Anchor(TestChains.OTHER_ISSUER, "b1", LEAF_HOLDER.key(), false);
        ChainVerifier verifier = new ChainVerifier(
                new JoseSignatureVerifier(), () -> List.of(nameless, named), Set.of(ISSUER), Limits.DEFAULT);

        assertThat(step(verifier.verify(compact(root().withHeader("kid", "\"b1\"")), NOW)))
                .isEqualTo("3b");
        accepted(verifier.verify(compact(root().withHeader("kid", "\"unknown\"")), NOW));
    }

    @Test
    void verify_whatTheStandardAllows_isAccepted() {
        accepted(verify(root().withHeader("kid", "\"a1\"")));
        accepted(verify(root().withHeader("jwk", LEAF_HOLDER.jwk()).withHeader("jku", "\"https://evil.example\"")));
        accepted(verify(root().with("iat", Long.toString(NOW_SECONDS + 30))));
        accepted(verify(root().with("exp", Long.toString(NOW_SECONDS - 10 + 3600))));
        accepted(verify(root().with("unknown", "{\"a\":[1.5]}")));
        accepted(verify(root().with("aud", "[\"https://other.example.org\",\"" + ISSUER + "\"]")));
        accepted(verify(root().without("aud")));
        accepted(verify(root().withTools(nested(32))));
        accepted(verify(root(), child().withHeader("kid", "\"anything\"")));
        accepted(verify(
                root(),
                child().with(
                                "authorization_details",
                                "[{\"type\":\"other\"}," + capability("{\"ci:pipeline.get\":{}}") + "]")));
        accepted(verify(root(), child().with("sub", "7").with("task", "7").with("aud", "\"" + ISSUER + "\"")));
    }

    @Test
    void verify_foreignRoot_hasNoTaskOfOurs() {
        RootFacts facts = accepted(verify(foreignRoot().with("task", "{\"id\":\"label\"}")))
                .root();

        assertThat(facts.task()).isNull();
        assertThat(facts.human()).isEqualTo(new Human(TestChains.OTHER_ISSUER, "user:7f3c"));
        assertThat(facts.anchor()).isEqualTo(TestChains.OTHER_ISSUER);
    }

    @Test
    void verify_emptyCapabilityAbove_grantsNothingBelow() {
        TestToken none = child().with("authorization_details", "[]");
        TestToken below = child(none, LEAF_HOLDER);

        assertThat(step(verify(root(), none, below.withTools("{\"ci:pipeline.get\":{}}"))))
                .isEqualTo("4p1");
        assertThat(accepted(verify(root(), none, below.withTools("{}")))
                        .leaf()
                        .capability()
                        .tools())
                .isEmpty();
    }

    @Test
    void extend_knownAncestors_equalsVerifyingTheWhole() {
        List<String> chain = chain(3);
        VerifiedChain whole = accepted(verifier().verify(chain, NOW));
        VerifiedChain known = whole.withoutLeaf(chain.get(3).length());

        assertThat(accepted(verifier().extend(known, chain.get(3), NOW))).isEqualTo(whole);
    }

    @Test
    void extendAndStillValid_expiredAncestorOrRemovedKey_areRefused() {
        List<Anchor> live = new ArrayList<>(ANCHORS);
        ChainVerifier verifier =
                new ChainVerifier(new JoseSignatureVerifier(), () -> List.copyOf(live), Set.of(ISSUER), Limits.DEFAULT);
        TestToken middle = child().with("exp", Long.toString(NOW_SECONDS + 50));
        VerifiedChain known = accepted(verifier.verify(compact(root(), middle), NOW));
        String leaf = child(middle, LEAF_HOLDER).compact();
        Instant later = NOW.plusSeconds(50);

        assertThat(verifier.stillValid(known, later.minusSeconds(1))).isTrue();
        assertThat(verifier.stillValid(known, later)).isFalse();
        assertThat(step(verifier.extend(known, leaf, later))).isEqualTo("4i");
        assertThat(step(verifier.extend(known, leaf, NOW.plusSeconds(600)))).isEqualTo("3e");

        live.remove(0);
        assertThat(verifier.stillValid(known, NOW)).isFalse();
        assertThat(step(verifier.extend(known, leaf, NOW))).isEqualTo("3b");
    }

    @Test
    void verifier_withoutAudience_cannotBeMade() {
        assertThatThrownBy(
                        () -> new ChainVerifier(new JoseSignatureVerifier(), () -> ANCHORS, Set.of(), Limits.DEFAULT))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
