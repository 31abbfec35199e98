package dev.errand.web.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.token.ChainVerifier;
import dev.errand.token.CountingSignatures;
import dev.errand.token.Limits;
import dev.errand.token.ProofScheme;
import dev.errand.token.TestChains;
import dev.errand.token.TestToken;
import dev.errand.web.Presented;
import dev.errand.web.stage.KnownChains.Found;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KnownChainsTest {
    private static final List<String> CHAIN = TestChains.chain(2);
    private static final String LEAF = CHAIN.get(2);
    private static final String ABOVE = CHAIN.get(0) + ", " + CHAIN.get(1);

    private final AtomicLong nanos = new AtomicLong();
    private final KnownChains known = new KnownChains(nanos::get);
    private final CountingSignatures signatures = new CountingSignatures();
    private final ChainVerifier verifier =
            new ChainVerifier(signatures, () -> TestChains.ANCHORS, Set.of(TestChains.ISSUER), Limits.DEFAULT);

    /** What a sender finds that proves to hold the leaf. */
    private Found find(String leaf, @Nullable String above) {
        return find(leaf, above, TestChains.NOW);
    }

    private Found find(String leaf, @Nullable String above, Instant now) {
        Presented presented = presented(leaf, above);
        Found found = known.find(presented, verifier, now);
        return found instanceof Found.Signed signed ? known.proven(signed, presented, verifier, now) : found;
    }

    /** What a sender finds that cannot prove it. */
    private Found findUnproven(String leaf, @Nullable String above) {
        Presented presented = presented(leaf, above);
        Found found = known.find(presented, verifier, TestChains.NOW);
        if (found instanceof Found.Signed signed) {
            known.unproven(signed, presented);
        }
        return found;
    }

    private int signaturesOf(Runnable work) {
        int before = signatures.verified();
        work.run();
        return signatures.verified() - before;
    }

    private static Presented presented(String leaf, @Nullable String above) {
        return new Presented(ProofScheme.DPOP, leaf, above, null, null);
    }

    @BeforeEach
    void aKnownChain() {
        assertThat(find(LEAF, ABOVE)).isInstanceOf(Found.Accepted.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%s, %s", "%s,%s", " %s  ,\t%s ", "%s,                                          %s"})
    void find_sameAncestorsHoweverSpaced_isTheChainThatIsKnown(String above) {
        Found.Accepted first = (Found.Accepted) find(LEAF, ABOVE);
        for (int i = 0; i < 2; i++) {
            Found.Accepted again = (Found.Accepted) find(LEAF, String.format(above, CHAIN.get(0), CHAIN.get(1)));
            assertThat(again.chain()).isSameAs(first.chain());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", "%1$s", "%2$s", "%2$s, %1$s", "%1$s, %2$s,", "%1$s %2$s", "%1$s, %2$s, %3$s"})
    void find_otherAncestorsAboveAKnownLeaf_isRejected(String above) {
        assertThat(find(LEAF, String.format(above, CHAIN.get(0), CHAIN.get(1), LEAF)))
                .isInstanceOf(Found.Refused.class);
    }

    @Test
    void find_emptyHeaderAboveAKnownRoot_isRejected() {
        assertThat(find(CHAIN.get(0), null)).isInstanceOf(Found.Accepted.class);
        assertThat(find(CHAIN.get(0), "")).isInstanceOf(Found.Refused.class);
    }

    @Test
    void find_ancestorsLeftOut_isIncompleteUntilACallWasPermitted() {
        assertThat(find(LEAF, null)).isInstanceOf(Found.Incomplete.class);
        Found.Accepted whole = (Found.Accepted) find(LEAF, CHAIN.get(0) + "," + CHAIN.get(1));
        known.permitted(whole.chain(), presented(LEAF, ABOVE));
        assertThat(find(LEAF, null)).isInstanceOf(Found.Accepted.class);
        assertThat(find(LEAF, "")).isInstanceOf(Found.Refused.class);
    }

    @Test
    void find_ancestorsThatNoCallUsedForMinutes_isIncomplete() {
        Found.Accepted whole = (Found.Accepted) find(LEAF, CHAIN.get(0) + "," + CHAIN.get(1));
        known.permitted(whole.chain(), presented(LEAF, ABOVE));
        for (int i = 0; i < 3; i++) {
            nanos.addAndGet(Duration.ofMinutes(4).toNanos());
            assertThat(find(LEAF, null)).isInstanceOf(Found.Accepted.class);
        }
        nanos.addAndGet(Duration.ofMinutes(6).toNanos());
        assertThat(find(LEAF, null)).isInstanceOf(Found.Incomplete.class);
    }

    @Test
    void find_afterItsTime_isNotTheKnownChain() {
        Found late = find(LEAF, ABOVE, TestChains.NOW.plusSeconds(700));
        assertThat(late)
                .isInstanceOfSatisfying(
                        Found.Expired.class,
                        expired -> assertThat(expired.step()).isEqualTo("3e"));
    }

    private static TestToken root(String jti) {
        return TestChains.root().withText("jti", jti);
    }

    /** A chain of nine tokens of which the second grants more than the first. */
    private static List<TestToken> widened(String jti) {
        TestToken token = root(jti);
        List<TestToken> chain = new ArrayList<>(List.of(token));
        for (int depth = 1; depth <= 8; depth++) {
            token = TestChains.child(token, depth % 2 == 0 ? TestChains.LEAF_HOLDER : TestChains.CHILD_HOLDER);
            token = depth == 1 ? token.withTools("{\"k8s:pods.delete\":{}}") : token;
            chain.add(token);
        }
        return chain;
    }

    private static String above(List<TestToken> chain) {
        return chain.subList(0, chain.size() - 1).stream()
                .map(TestToken::compact)
                .collect(Collectors.joining(","));
    }

    private static String leaf(List<TestToken> chain) {
        return chain.get(chain.size() - 1).compact();
    }

    @Test
    void find_chainThatIsWidened_isSignedAllTheSameUntilTheSenderProves() {
        List<TestToken> chain = widened("w1");
        String leaf = leaf(chain);
        String above = above(chain);
        assertThat(findUnproven(leaf, above)).isInstanceOf(Found.Signed.class);
        assertThat(find(leaf, above))
                .isInstanceOfSatisfying(
                        Found.Refused.class,
                        rejected -> assertThat(rejected.step()).isEqualTo("4p1"));
    }

    @Test
    void find_sameChainUnprovenAgain_verifiesNoSignature() {
        List<TestToken> chain = widened("w2");
        String leaf = leaf(chain);
        String above = above(chain);
        assertThat(signaturesOf(() -> findUnproven(leaf, above))).isEqualTo(9);
        for (int again = 0; again < 10; again++) {
            assertThat(signaturesOf(() -> findUnproven(leaf, above))).isZero();
        }
    }

    @Test
    void find_leafUnproven_isNotRememberedAsKnown() {
        TestToken root = root("u1");
        String leaf = TestChains.child(root, TestChains.CHILD_HOLDER).compact();
        findUnproven(leaf, root.compact());
        assertThat(known.find(presented(leaf, root.compact()), verifier, TestChains.NOW))
                .isInstanceOf(Found.Signed.class);
        assertThat(find(leaf, root.compact())).isInstanceOf(Found.Accepted.class);
        assertThat(known.find(presented(leaf, root.compact()), verifier, TestChains.NOW))
                .isInstanceOf(Found.Accepted.class);
    }

    @Test
    void find_newLeafBelowKnownAncestors_verifiesOneSignature() {
        TestToken root = root("k1");
        TestToken middle = TestChains.child(root, TestChains.CHILD_HOLDER);
        find(middle.compact(), root.compact());
        TestToken below = TestChains.child(middle, TestChains.LEAF_HOLDER);
        String leaf = below.compact();
        String above = root.compact() + "," + middle.compact();
        assertThat(signaturesOf(() -> findUnproven(leaf, above))).isEqualTo(1);
        Found.Accepted whole = (Found.Accepted) find(leaf, above);
        known.permitted(whole.chain(), presented(leaf, above));
        String other = below.withText("jti", "other").compact();
        assertThat(signaturesOf(() -> findUnproven(other, null))).isEqualTo(1);
        Found.Accepted alone = (Found.Accepted) find(other, null);
        assertThat(signaturesOf(() -> assertThat(find(other, above)).isEqualTo(alone)))
                .isZero();
    }

    @Test
    void find_manyUnprovenChains_pushOutNoneThatIsKnown() {
        String filler = "x".repeat(10_000);
        for (int i = 0; i < 400; i++) {
            TestToken root = root("f" + i).withText("filler", filler);
            findUnproven(TestChains.child(root, TestChains.CHILD_HOLDER).compact(), root.compact());
        }
        assertThat(known.find(presented(LEAF, ABOVE), verifier, TestChains.NOW)).isInstanceOf(Found.Accepted.class);
        assertThat(known.unprovenWeight()).isLessThanOrEqualTo(2L << 20);
    }

    @Test
    void find_anchorThatIsGone_isNotTheUnprovenChainRemembered() {
        List<TestToken> chain = widened("w3");
        String leaf = leaf(chain);
        String above = above(chain);
        findUnproven(leaf, above);
        ChainVerifier without = new ChainVerifier(signatures, List::of, Set.of(TestChains.ISSUER), Limits.DEFAULT);
        assertThat(known.find(presented(leaf, above), without, TestChains.NOW))
                .isInstanceOfSatisfying(
                        Found.Refused.class,
                        rejected -> assertThat(rejected.step()).isEqualTo("3b"));
    }
}
