package dev.errand.token;

import dev.errand.json.JsonValue.JsonNumber;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A chain with verified signatures. Nothing else of it has been checked. It gives the key of the proof, and permits
 * nothing. {@link ChainVerifier#check} checks the rest. Immutable and thread-safe. It holds the claims of its tokens,
 * so it must not be kept longer than the request.
 */
public final class SignedChain {
    final RootSteps.@Nullable Signed root;
    final @Nullable VerifiedChain above;
    final List<BoundToken> tokens;
    final List<DerivedSteps.Signed> derived;
    final long sizeBytes;

    /**
     * @param root its root, or null if the chain continues a known chain
     * @param above that known chain, or null
     * @param tokens all its tokens, root first
     * @param derived the tokens whose signature was verified with the key of the token before
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

    /** The token whose holder makes the proof. */
    public BoundToken leaf() {
        return tokens.get(tokens.size() - 1);
    }

    /** The first {@code exp} of its tokens, epoch seconds; {@link Long#MAX_VALUE} if a root has none. */
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

    /** Whether the key is that of the leaf or of one of its ancestors. */
    public boolean isHeldBy(KeyThumbprint key) {
        return tokens.stream().anyMatch(token -> token.holder().thumbprint().equals(key));
    }

    /** The anchor's key that verified the root; null if the chain continues a known chain. */
    public @Nullable KeyThumbprint signer() {
        return root == null ? null : root.signer();
    }
}
