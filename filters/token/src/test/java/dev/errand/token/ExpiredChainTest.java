package dev.errand.token;

import static dev.errand.token.TestChains.NOW;
import static dev.errand.token.TestChains.NOW_SECONDS;
import static dev.errand.token.TestChains.child;
import static dev.errand.token.TestChains.compact;
import static dev.errand.token.TestChains.root;
import static dev.errand.token.TestChains.verifier;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A chain that nothing but time is against is told from one that was never good. */
class ExpiredChainTest {
    private static final String PAST = Long.toString(NOW_SECONDS - 5);

    private static SignedChain signed(List<String> chain) {
        SignatureResult result = verifier().verifySignatures(chain);
        assertThat(result).isInstanceOf(SignatureResult.Accepted.class);
        return ((SignatureResult.Accepted) result).chain();
    }

    private static TestToken old(TestToken token, String exp) {
        return token.with("iat", Long.toString(NOW_SECONDS - 60)).with("exp", exp);
    }

    @Test
    void expired_ofAGoodChain_isNone() {
        assertThat(verifier().expired(signed(TestChains.chain(2)), NOW)).isNull();
    }

    @Test
    void expired_ofAChainWhoseTimeIsOver_isTheChain() {
        TestToken root = old(root(), PAST);
        VerifiedChain one = verifier().expired(signed(compact(root)), NOW);
        assertThat(one).isNotNull();
        assertThat(one.rootToken().expiry()).isEqualTo(NOW_SECONDS - 5);

        TestToken living = old(root(), Long.toString(NOW_SECONDS + 300));
        TestToken leaf = old(TestChains.child(living, TestChains.CHILD_HOLDER), PAST);
        VerifiedChain two = verifier().expired(signed(compact(living, leaf)), NOW);
        assertThat(two).isNotNull();
        assertThat(two.leaf().expiry()).isEqualTo(NOW_SECONDS - 5);
    }

    static Stream<Arguments> wrong() {
        TestToken living = old(root(), Long.toString(NOW_SECONDS + 300));
        return Stream.of(
                Arguments.of(List.of(old(root(), PAST).withTools("{\"t\":{\"a\":{\"constraint_type\":\"regex\"}}}"))),
                Arguments.of(List.of(old(root(), PAST).withText("aud", "https://elsewhere.example.org"))),
                Arguments.of(List.of(old(root(), Long.toString(NOW_SECONDS - 100)))),
                Arguments.of(List.of(old(root(), "\"soon\""))),
                Arguments.of(List.of(old(root(), "-1"))),
                Arguments.of(List.of(
                        living,
                        old(TestChains.child(living, TestChains.CHILD_HOLDER), PAST)
                                .withTools("{\"k8s:pods.delete\":{}}"))),
                Arguments.of(List.of(root(), child().with("exp", PAST))));
    }

    /** Wider than its parent, for another audience, or never in time at all: the time is not what is against it. */
    @ParameterizedTest
    @MethodSource("wrong")
    void expired_ofAChainThatWasNeverGood_isNone(List<TestToken> tokens) {
        assertThat(verifier().expired(signed(compact(tokens.toArray(TestToken[]::new))), NOW))
                .isNull();
    }
}
