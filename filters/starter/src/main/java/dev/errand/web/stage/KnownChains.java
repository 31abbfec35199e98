package dev.errand.web.stage;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.errand.token.BoundToken;
import dev.errand.token.ChainResult;
import dev.errand.token.ChainVerifier;
import dev.errand.token.CompactJws;
import dev.errand.token.KeyThumbprint;
import dev.errand.token.Sha256;
import dev.errand.token.SignatureResult;
import dev.errand.token.SignedChain;
import dev.errand.token.TokenDialects;
import dev.errand.token.TokenId;
import dev.errand.token.VerifiedChain;
import dev.errand.web.Presented;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Chains that this replica has verified, so that a warm call costs one fresh proof whatever the chain's depth. Of a new
 * chain only the signatures are verified at first. The rest is judged, and the chain remembered, once its sender proved to
 * hold the leaf. The chains of senders who did not prove it are kept in a small memory apart, so that their signatures
 * need not be verified again.
 *
 * <p>An entry is used only while every token in it is within its time and its anchor's key is still trusted.
 * Whether the task still runs is never remembered here: the atomic step asks that on every call. Bounded; thread-safe.
 */
final class KnownChains {
    /** The approximate bound of each cache, in bytes; nearly all of them are the tokens' characters. */
    private static final long MAX_WEIGHT = 48L << 20;

    /** The approximate bound of the memory of chains whose senders proved nothing, in bytes. */
    private static final long MAX_UNPROVEN_WEIGHT = 2L << 20;

    private final Cache<String, Known> byLeaf;
    private final Cache<TokenId, Known> byParent;
    private final Cache<String, Unproven> unproven;

    public KnownChains() {
        this(Ticker.systemTicker());
    }

    public KnownChains(Ticker ticker) {
        byLeaf = PerChain.cache(ticker, MAX_WEIGHT, (leaf, known) -> known.weight());
        byParent = PerChain.cache(ticker, MAX_WEIGHT, (parent, known) -> known.weight());
        unproven = PerChain.cache(ticker, MAX_UNPROVEN_WEIGHT, (leaf, chain) -> chain.weight(leaf));
    }

    /**
     * A verified chain.
     *
     * @param chain the chain
     * @param texts its tokens as they were presented, root first
     * @param above its ancestors as the one text that was presented, so that the same text need not be split again; null if
     *     the ancestors were left out, or if the text has many spaces
     * @param leafHash what a proof by the leaf must name ({@code ath})
     */
    private record Known(
            VerifiedChain chain,
            List<String> texts,
            @Nullable String above,
            String leafHash) {
        Known(VerifiedChain chain, List<String> texts, @Nullable String above) {
            this(chain, texts, above, Sha256.base64UrlOf(texts.get(texts.size() - 1)));
        }

        Found.Accepted found() {
            return new Found.Accepted(chain, leafHash);
        }

        boolean isBelow(Presented presented) {
            return (above != null && above.equals(presented.above()))
                    || ancestors().equals(presented.ancestors());
        }

        List<String> ancestors() {
            return texts.subList(0, texts.size() - 1);
        }

        /** The approximate cost of keeping the chain, in bytes. */
        int weight() {
            return 1024 + 2 * texts.stream().mapToInt(String::length).sum() + (above == null ? 0 : above.length());
        }
    }

    /**
     * A chain whose signatures verified and whose sender did not prove to hold its leaf.
     *
     * @param above the text that its ancestors were presented in
     * @param signer the anchor's key that signed its root
     */
    private record Unproven(BoundToken leaf, String leafHash, String above, KeyThumbprint signer) {
        int weight(String text) {
            return 1024 + text.length() + above.length();
        }
    }

    /** What the gateway finds of a presented chain. */
    sealed interface Found {
        /** @param leafHash the {@code ath} of a proof by the leaf (RFC 9449 section 4.2) */
        record Accepted(VerifiedChain chain, String leafHash) implements Found {}

        /**
         * The signatures verified; {@link #proven} judges the rest once the sender proved to hold the leaf.
         *
         * @param ancestors the tokens above the leaf, root first
         * @param chain null where the signatures verified in an earlier request
         */
        record Signed(
                BoundToken leaf,
                String leafHash,
                List<String> ancestors,
                @Nullable SignedChain chain) implements Found {}

        /** The ancestors were left out and are not known here. */
        record Incomplete() implements Found {}

        record Refused(String step, String reason) implements Found {}

        /** The chain has expired and is otherwise good, and its sender proved to hold the leaf. */
        record Expired(String step, VerifiedChain chain) implements Found {}
    }

    /** @param verifier the verifier of the call's revision, which also judges what is remembered */
    Found find(Presented presented, ChainVerifier verifier, Instant now) {
        Known known = byLeaf.getIfPresent(presented.leaf());
        if (known != null && verifier.stillValid(known.chain(), now)) {
            if (presented.above() == null) {
                return mayLeaveOut(known.chain()) ? known.found() : new Found.Incomplete();
            }
            if (known.isBelow(presented)) {
                return known.found();
            }
        }
        Unproven earlier = presented.above() == null ? null : unproven.getIfPresent(presented.leaf());
        return earlier != null && earlier.above().equals(presented.above()) && verifier.trusts(earlier.signer())
                ? new Found.Signed(earlier.leaf(), earlier.leafHash(), List.of(), null)
                : signed(presented, verifier, now);
    }

    private Found signed(Presented presented, ChainVerifier verifier, Instant now) {
        return presented.above() == null ? leafOnly(presented, verifier, now) : whole(presented, verifier, now);
    }

    /** Judges the rest of a chain whose sender proved to hold the leaf, and remembers it. */
    Found proven(Found.Signed signed, Presented presented, ChainVerifier verifier, Instant now) {
        Found found = signed.chain() == null ? signed(presented, verifier, now) : signed;
        return found instanceof Found.Signed whole && whole.chain() != null
                ? judged(presented, whole, whole.chain(), verifier, now)
                : found;
    }

    private Found judged(
            Presented presented, Found.Signed signed, SignedChain chain, ChainVerifier verifier, Instant now) {
        ChainResult result = verifier.check(chain, now);
        if (result instanceof ChainResult.Accepted accepted) {
            return keep(presented, signed, accepted.chain());
        }
        ChainResult.Refused refused = (ChainResult.Refused) result;
        VerifiedChain expired = verifier.expired(chain, now);
        return expired == null
                ? new Found.Refused(refused.step(), refused.reason())
                : new Found.Expired(refused.step(), expired);
    }

    /** The sender did not prove to hold the leaf: its next attempt costs the proof alone. */
    void unproven(Found.Signed signed, Presented presented) {
        SignedChain chain = signed.chain();
        KeyThumbprint signer = chain == null ? null : chain.signer();
        if (signer != null && presented.above() != null) {
            unproven.put(presented.leaf(), new Unproven(signed.leaf(), signed.leafHash(), presented.above(), signer));
        }
    }

    private boolean mayLeaveOut(VerifiedChain chain) {
        return chain.tokens().size() == 1 || byParent.getIfPresent(parent(chain)) != null;
    }

    private static TokenId parent(VerifiedChain chain) {
        return chain.tokens().get(chain.tokens().size() - 2).id();
    }

    private Found whole(Presented presented, ChainVerifier verifier, Instant now) {
        List<String> above = presented.ancestors();
        List<String> all = new ArrayList<>(above);
        all.add(presented.leaf());
        Known ancestors = knownAncestors(above);
        return signed(
                presented,
                above,
                ancestors != null && verifier.stillValid(ancestors.chain(), now)
                        ? verifier.verifySignature(ancestors.chain(), presented.leaf())
                        : verifier.verifySignatures(all));
    }

    private static Found signed(Presented presented, List<String> above, SignatureResult result) {
        if (result instanceof SignatureResult.Refused refused) {
            return new Found.Refused(refused.step(), refused.reason());
        }
        SignedChain chain = ((SignatureResult.Accepted) result).chain();
        return new Found.Signed(chain.leaf(), Sha256.base64UrlOf(presented.leaf()), above, chain);
    }

    /** The ancestors, if this replica verified exactly these texts before. */
    private @Nullable Known knownAncestors(List<String> ancestors) {
        if (ancestors.isEmpty()) {
            return null;
        }
        String last = ancestors.get(ancestors.size() - 1);
        Known known = byLeaf.getIfPresent(last);
        if (known == null) {
            Optional<CompactJws> parsed = CompactJws.parse(last);
            known = parsed.isEmpty() ? null : byParent.getIfPresent(TokenId.of(parsed.get()));
        }
        return known != null && known.texts().equals(ancestors) ? known : null;
    }

    private Found leafOnly(Presented presented, ChainVerifier verifier, Instant now) {
        // The leaf is not verified yet: its parent only chooses the remembered ancestors to verify it under.
        Optional<TokenId> parent = CompactJws.parse(presented.leaf()).flatMap(TokenDialects.ALL::parent);
        if (parent.isEmpty()) {
            return signed(presented, List.of(), verifier.verifySignatures(List.of(presented.leaf())));
        }
        Known ancestors = byParent.getIfPresent(parent.get());
        if (ancestors == null || !verifier.stillValid(ancestors.chain(), now)) {
            return new Found.Incomplete();
        }
        return signed(presented, ancestors.texts(), verifier.verifySignature(ancestors.chain(), presented.leaf()));
    }

    private Found keep(Presented presented, Found.Signed signed, VerifiedChain chain) {
        List<String> texts = new ArrayList<>(signed.ancestors());
        texts.add(presented.leaf());
        String above = isTight(presented.above(), signed.ancestors()) ? presented.above() : null;
        Known known = new Known(chain, List.copyOf(texts), above, signed.leafHash());
        byLeaf.put(presented.leaf(), known);
        return known.found();
    }

    /** Whether the text is hardly longer than the tokens: a text with many spaces is not worth keeping. */
    private static boolean isTight(@Nullable String above, List<String> tokens) {
        return above != null
                && above.length()
                        <= tokens.stream().mapToInt(t -> t.length() + 2).sum();
    }

    /** The weight of the chains whose senders proved nothing. */
    long unprovenWeight() {
        unproven.cleanUp();
        return unproven.policy()
                .eviction()
                .map(eviction -> eviction.weightedSize().orElse(0))
                .orElse(0L);
    }

    /** A call under this chain was permitted: from now on its ancestors may be left out. */
    public void permitted(VerifiedChain chain, Presented presented) {
        if (presented.above() == null) {
            // The ancestors were left out, since they are remembered, or there are none.
            return;
        }
        String leaf = presented.leaf();
        if (chain.tokens().size() == 1 || byParent.getIfPresent(parent(chain)) != null) {
            return;
        }
        Known known = byLeaf.getIfPresent(leaf);
        if (known != null) {
            byParent.put(
                    parent(chain), new Known(chain.withoutLeaf(leaf.length()), List.copyOf(known.ancestors()), null));
        }
    }
}
