package dev.errand.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.delegation.TestChains;
import dev.errand.delegation.chain.ChainVerifier;
import dev.errand.web.KnownChains.Found;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
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
    private final ChainVerifier verifier = TestChains.verifier();

    private Found find(String leaf, @Nullable String above) {
        return known.find(presented(leaf, above), verifier, TestChains.NOW);
    }

    private static Presented presented(String leaf, @Nullable String above) {
        return new Presented(Presented.Scheme.DPOP, leaf, above, null, null);
    }

    @BeforeEach
    void aKnownChain() {
        assertThat(find(LEAF, ABOVE)).isInstanceOf(Found.Verified.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%s, %s", "%s,%s", " %s  ,\t%s ", "%s,                                          %s"})
    void find_sameAncestorsHoweverSpaced_isTheChainThatIsKnown(String above) {
        Found.Verified first = (Found.Verified) find(LEAF, ABOVE);
        for (int i = 0; i < 2; i++) {
            Found.Verified again = (Found.Verified) find(LEAF, String.format(above, CHAIN.get(0), CHAIN.get(1)));
            assertThat(again.chain()).isSameAs(first.chain());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", "%1$s", "%2$s", "%2$s, %1$s", "%1$s, %2$s,", "%1$s %2$s", "%1$s, %2$s, %3$s"})
    void find_otherAncestorsAboveAKnownLeaf_isRejected(String above) {
        assertThat(find(LEAF, String.format(above, CHAIN.get(0), CHAIN.get(1), LEAF)))
                .isInstanceOf(Found.Rejected.class);
    }

    @Test
    void find_emptyHeaderAboveAKnownRoot_isRejected() {
        assertThat(find(CHAIN.get(0), null)).isInstanceOf(Found.Verified.class);
        assertThat(find(CHAIN.get(0), "")).isInstanceOf(Found.Rejected.class);
    }

    @Test
    void find_ancestorsLeftOut_isIncompleteUntilACallWasPermitted() {
        assertThat(find(LEAF, null)).isInstanceOf(Found.Incomplete.class);
        Found.Verified whole = (Found.Verified) find(LEAF, CHAIN.get(0) + "," + CHAIN.get(1));
        known.permitted(whole.chain(), presented(LEAF, ABOVE));
        assertThat(find(LEAF, null)).isInstanceOf(Found.Verified.class);
        assertThat(find(LEAF, "")).isInstanceOf(Found.Rejected.class);
    }

    @Test
    void find_ancestorsThatNoCallUsedForMinutes_isIncomplete() {
        Found.Verified whole = (Found.Verified) find(LEAF, CHAIN.get(0) + "," + CHAIN.get(1));
        known.permitted(whole.chain(), presented(LEAF, ABOVE));
        for (int i = 0; i < 3; i++) {
            nanos.addAndGet(Duration.ofMinutes(4).toNanos());
            assertThat(find(LEAF, null)).isInstanceOf(Found.Verified.class);
        }
        nanos.addAndGet(Duration.ofMinutes(6).toNanos());
        assertThat(find(LEAF, null)).isInstanceOf(Found.Incomplete.class);
    }

    @Test
    void find_afterItsTime_isNotTheKnownChain() {
        Found late = known.find(presented(LEAF, ABOVE), verifier, TestChains.NOW.plusSeconds(700));
        assertThat(late).isInstanceOf(Found.Rejected.class);
    }
}
