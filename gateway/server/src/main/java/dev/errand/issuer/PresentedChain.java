package dev.errand.issuer;

import dev.errand.token.ChainResult;
import dev.errand.token.ChainVerifier;
import dev.errand.token.SignatureResult;
import dev.errand.token.SignedChain;
import dev.errand.token.VerifiedChain;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Verifies the chain whose leaf is the token parameter and whose ancestors are in {@code Delegation-Chain}. Thread-safe.
 *
 * @param verifier called at every verification, since a reload replaces the verifier
 */
record PresentedChain(Supplier<ChainVerifier> verifier, Clock clock) {
    private static final int MAX_ANCESTORS_LENGTH = 64 * 1024;

    /** The chain; empty if it does not verify, or there is more than one header. */
    Optional<VerifiedChain> verify(TokenRequest request, String token) {
        return signed(request, token).flatMap(this::check);
    }

    /**
     * The chain with only its signatures verified, for a sender who has not proved that it holds any of the tokens.
     * Empty if the signatures do not verify, or if there is more than one header.
     */
    Optional<SignedChain> signed(TokenRequest request, String token) {
        if (request.ancestors().size() > 1) {
            return Optional.empty();
        }
        List<String> chain = new ArrayList<>();
        if (request.ancestors().size() == 1) {
            String header = request.ancestors().get(0);
            if (header.length() > MAX_ANCESTORS_LENGTH) {
                return Optional.empty();
            }
            Arrays.stream(header.split(",", -1)).map(String::strip).forEach(chain::add);
        }
        chain.add(token);
        return verifier.get().verifySignatures(chain) instanceof SignatureResult.Accepted signed
                ? Optional.of(signed.chain())
                : Optional.empty();
    }

    /** The chain after the rest of it is verified too; empty if a step fails. */
    Optional<VerifiedChain> check(SignedChain signed) {
        return verifier.get().check(signed, clock.instant()) instanceof ChainResult.Accepted verified
                ? Optional.of(verified.chain())
                : Optional.empty();
    }
}
