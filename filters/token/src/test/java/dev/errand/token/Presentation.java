package dev.errand.token;

import static dev.errand.token.TestChains.ANCHOR;
import static dev.errand.token.TestChains.ANCHORS;
import static dev.errand.token.TestChains.ISSUER;
import static dev.errand.token.TestChains.NOW;
import static dev.errand.token.TestChains.NOW_SECONDS;
import static dev.errand.token.TestChains.OTHER_ANCHOR;
import static dev.errand.token.TestChains.OTHER_ISSUER;
import static dev.errand.token.TestHolder.object;
import static dev.errand.token.TestToken.text;

import dev.errand.jose.JoseSignatureVerifier;
import dev.errand.token.OfflineVerification.Call;
import dev.errand.token.OfflineVerification.Demands;
import dev.errand.token.OfflineVerification.Verdict;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a holder sends for one call, judged twice: in the standard's order, as {@code errand verify} does, and in the
 * gateway's, which verifies signatures and proof first. One thing is wrong about it at most, so that both name the same step.
 *
 * @param chain compact tokens, root first
 * @param proof the AAT-PoP
 * @param arguments JSON text
 */
record Presentation(List<String> chain, String proof, String tool, String arguments, Limits limits) {
    static final String TOOL = "vault:kv.read";
    static final String ARGUMENTS = "{\"resource\":\"secret/ci/payments\"}";
    static final String PERMIT = "permit";
    static final Limits LIMITS =
            Limits.DEFAULT.withLifetimeSeconds(Duration.ofDays(90).toSeconds());

    /** A call of the default tool under these tokens. */
    static Presentation of(TestToken... tokens) {
        return of(TOOL, ARGUMENTS, tokens);
    }

    static Presentation of(String tool, String arguments, TestToken... tokens) {
        TestToken leaf = tokens[tokens.length - 1];
        return new Presentation(
                Stream.of(tokens).map(TestToken::compact).toList(),
                pop(leaf, tool, arguments).compact(),
                tool,
                arguments,
                LIMITS);
    }

    /** A good proof of one call under the leaf. */
    static TestToken pop(TestToken leaf, String tool, String arguments) {
        Map<String, String> claims = new LinkedHashMap<>();
        claims.put("aat_hash", text(leaf.hash()));
        claims.put("aat_id", leaf.claims().getOrDefault("jti", text("none")));
        claims.put("aat_tool", text(tool));
        claims.put("hta", arguments);
        claims.put("iat", Long.toString(NOW_SECONDS));
        claims.put("jti", text("p1"));
        return TestToken.of(leaf.holder(), leaf.holder(), "aat-pop+jwt", claims);
    }

    Presentation with(TestToken pop) {
        return new Presentation(chain, pop.compact(), tool, arguments, limits);
    }

    Presentation with(Limits other) {
        return new Presentation(chain, proof, tool, arguments, other);
    }

    Presentation withChain(List<String> other) {
        return new Presentation(other, proof, tool, arguments, limits);
    }

    /** {@link #PERMIT}, or the label of the step that does not hold, in the standard's order. */
    String inTheStandardsOrder() {
        String jwks = "{\"keys\":["
                + ANCHOR.jwk(",\"kid\":\"a1\",\"iss\":\"" + ISSUER + "\"") + ","
                + OTHER_ANCHOR.jwk(",\"kid\":\"b1\",\"iss\":\"" + OTHER_ISSUER + "\"") + "]}";
        Verdict verdict = OfflineVerification.of(new JoseSignatureVerifier(), object(jwks), limits)
                .orElseThrow()
                .verify(chain, NOW, ISSUER, new Call(proof, tool, object(arguments)), Demands.NONE);
        return verdict instanceof Verdict.Deny deny ? deny.step() : PERMIT;
    }

    /** The same in the gateway's order. */
    String inTheGatewaysOrder() {
        Set<String> us = Set.of(ISSUER);
        ChainVerifier chains = new ChainVerifier(new JoseSignatureVerifier(), () -> ANCHORS, us, limits);
        SignatureResult signatures = chains.verifySignatures(chain);
        if (signatures instanceof SignatureResult.Refused rejected) {
            return rejected.step();
        }
        SignedChain signed = ((SignatureResult.Accepted) signatures).chain();
        PopResult pop =
                new PopVerifier(new JoseSignatureVerifier(), us, false, limits).verify(proof, signed.leaf(), NOW);
        if (pop instanceof PopResult.Refused rejected) {
            return rejected.step();
        }
        ChainResult result = chains.check(signed, NOW);
        if (result instanceof ChainResult.Refused rejected) {
            return rejected.step();
        }
        VerifiedChain verified = ((ChainResult.Accepted) result).chain();
        PopResult.Accepted proven = (PopResult.Accepted) pop;
        return PopVerifier.checkCall(proven.tool(), proven.arguments(), tool, object(arguments))
                .map(PopResult.Refused::step)
                .orElseGet(() ->
                        verified.leaf().capability().check(tool, object(arguments)) instanceof Capability.Check.Granted
                                ? PERMIT
                                : "6b");
    }
}
