package dev.errand.delegation.chain;

import dev.errand.delegation.BoundToken;
import dev.errand.delegation.VerifiedChain;
import dev.errand.identity.KeyThumbprint;
import dev.errand.json.JsonValue.JsonNumber;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A chain whose signatures verified. Nothing else of it is judged. It names the key of the proof, and permits nothing.
 * {@link ChainVerifier#check} judges the rest. Immutable and thread-safe; it holds the claims of its tokens, so it must
 * not be kept beyond the request.
 */
public final class SignedChain {
    final RootSteps.@Nullable Signed root;
    final @Nullable VerifiedChain above;
    final List<BoundToken> tokens;
    final List<DerivedSteps.Signed> derived;
    final long sizeBytes;

    /**
     * @param root its root, or null below a chain that is known
     * @param above that chain, or null
     * @param tokens all its tokens, root first
     * @param derived those of them whose signature verified under the key of the one before
     */
    SignedChain(
            RootSteps.@Nullable Signed root,
            @Nullable VerifiedChain above,
            List<BoundToken> tokens,
            List<DerivedSteps.Signed> derived,
            long sizeBytes) {
        this.root = root;
        this.above = above;
        this.tokens = List.copyOf(tokens);
        this.derived = List.copyOf(derived);
        this.sizeBytes = sizeBytes;
    }

    /** The token that a proof goes with. */
    public BoundToken leaf() {
        return tokens.get(tokens.size() - 1);
    }

    /** The first {@code exp} of its tokens, epoch seconds; the greatest number where a root names none. */
    long earliestExpiry() {
        long earliest = above != null ? above.earliestExpiry() : root == null ? Long.MAX_VALUE : expiry(root.claims());
        for (DerivedSteps.Signed token : derived) {
            earliest = Math.min(earliest, token.expiry());
        }
        return earliest;
    }

    private static long expiry(Claims claims) {
        return claims.json().get("exp") instanceof JsonNumber number && Claims.isInteger(number)
                ? number.asLong()
                : Long.MAX_VALUE;
    }

    /** Whether the key holds the leaf or one of its ancestors. */
    public boolean isHeldBy(KeyThumbprint key) {
        return tokens.stream().anyMatch(token -> token.holder().thumbprint().equals(key));
    }

    /** The anchor's key that the root verified under; null below a chain that is known. */
    public @Nullable KeyThumbprint signer() {
        return root == null ? null : root.signer();
    }
}
