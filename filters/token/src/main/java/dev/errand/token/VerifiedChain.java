package dev.errand.token;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A chain that has passed every step except the proof and the call's own arguments (AAT-02 section 5, steps 1-5, 6a,
 * 6c). Immutable. It is valid until {@link #earliestExpiry}, unless its task ends or its anchor's key is removed.
 *
 * @param tokens root first, leaf last; at least one
 * @param root the claims of the root
 * @param signer the anchor's key that verified the root
 * @param sizeBytes the length of its tokens together, in compact form
 * @param earliestExpiry the first {@code exp} of its tokens, epoch seconds
 * @param instruction the instruction of its calls: the nearest one at or above the leaf; null if no token has one
 */
public record VerifiedChain(
        List<DelegationToken> tokens,
        RootFacts root,
        KeyThumbprint signer,
        int sizeBytes,
        long earliestExpiry,
        @Nullable Instruction instruction) {
    public VerifiedChain {
        tokens = List.copyOf(tokens);
        if (tokens.isEmpty()) {
            throw new IllegalArgumentException("a chain has at least one token");
        }
    }

    /** A chain of these tokens. */
    public VerifiedChain(List<DelegationToken> tokens, RootFacts root, KeyThumbprint signer, int sizeBytes) {
        this(
                tokens,
                root,
                signer,
                sizeBytes,
                tokens.stream().mapToLong(DelegationToken::expiry).min().orElse(0),
                nearest(tokens));
    }

    private static @Nullable Instruction nearest(List<DelegationToken> tokens) {
        for (int depth = tokens.size() - 1; depth >= 0; depth--) {
            Instruction instruction = tokens.get(depth).instruction();
            if (instruction != null) {
                return instruction;
            }
        }
        return null;
    }

    /** The token that the caller presented as its own. */
    public DelegationToken leaf() {
        return tokens.get(tokens.size() - 1);
    }

    public DelegationToken rootToken() {
        return tokens.get(0);
    }

    /** The chain above the leaf, which can be extended by other leaves. A root has no chain above it. */
    public VerifiedChain withoutLeaf(int leafBytes) {
        return new VerifiedChain(tokens.subList(0, tokens.size() - 1), root, signer, sizeBytes - leafBytes);
    }
}
