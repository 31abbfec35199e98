package dev.errand.load.bench;

import dev.errand.jose.JoseSignatureVerifier;
import dev.errand.token.Anchor;
import dev.errand.token.ChainResult;
import dev.errand.token.ChainVerifier;
import dev.errand.token.Limits;
import dev.errand.token.TestChains;
import dev.errand.token.TestHolder;
import dev.errand.token.TestToken;
import dev.errand.token.VerifiedChain;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Chains of one algorithm throughout, as a tree of agents would make them. */
final class Chains {
    private final TestHolder anchor;
    private final List<TestHolder> holders;
    private final List<TestToken> tokens = new ArrayList<>();

    /** A chain of that many tokens, the root among them. */
    Chains(String algorithm, int tokens) {
        this.anchor = holder(algorithm);
        this.holders =
                IntStream.range(0, tokens).mapToObj(i -> holder(algorithm)).toList();
        TestHolder first = holders.get(0);
        TestToken root = TestChains.root();
        TestToken token = new TestToken(anchor, first, root.header(), root.claims(), "")
                .signedBy(anchor)
                .with("cnf", "{\"jwk\":" + first.jwk() + "}");
        this.tokens.add(token);
        for (TestHolder next : holders.subList(1, tokens)) {
            token = TestChains.child(token, next);
            this.tokens.add(token);
        }
    }

    private static TestHolder holder(String algorithm) {
        return algorithm.equals("ES256") ? TestHolder.es256() : TestHolder.ed25519();
    }

    List<String> compact() {
        return tokens.stream().map(TestToken::compact).toList();
    }

    TestHolder leafHolder() {
        return holders.get(holders.size() - 1);
    }

    ChainVerifier verifier() {
        List<Anchor> anchors = List.of(new Anchor(TestChains.ISSUER, "a", anchor.key(), true));
        return new ChainVerifier(new JoseSignatureVerifier(), () -> anchors, Set.of(TestChains.ISSUER), Limits.DEFAULT);
    }

    /** The chain of a result that must be good. */
    static VerifiedChain verified(ChainResult result) {
        if (result instanceof ChainResult.Accepted verified) {
            return verified.chain();
        }
        throw new IllegalStateException(result.toString());
    }
}
