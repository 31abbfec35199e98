package dev.errand.token;

import static dev.errand.token.StepException.require;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Verifies delegation chains by the steps of AAT-02 section 5 up to 6c. A refusal names the first step that fails.
 * Claims are parsed only after their signature is verified, so step 2c follows when a token's {@code jti} may be read.
 * Step 5 holds by construction: 3c and 4d fix every depth. Thread-safe; keeps nothing between calls.
 *
 * <p>{@link #verify} follows the order of the standard. If the sender has yet to prove that it holds the leaf,
 * {@link #verifySignatures} comes first, then the proof, and only then {@link #check}. So for an unproven sender at
 * most {@value RootSteps#MAX_KEYS} signatures of the root and one of each derived token are verified, and no constraint
 * is read.
 */
public final class ChainVerifier {
    private final Anchors anchors;
    private final Set<String> audiences;
    private final Limits limits;
    private final RootSteps root;
    private final DerivedSteps derived;

    /**
     * A verifier for an enforcement point.
     *
     * @param audiences the names of this gateway in {@code aud}, at least one
     */
    public ChainVerifier(SignatureVerifier signatures, Anchors anchors, Set<String> audiences, Limits limits) {
        this(signatures, anchors, audiences, limits, TokenDialects.ALL);
    }

    /** Like {@link #ChainVerifier(SignatureVerifier, Anchors, Set, Limits)}, for tokens in these dialects. */
    public ChainVerifier(
            SignatureVerifier signatures,
            Anchors anchors,
            Set<String> audiences,
            Limits limits,
            TokenDialects dialects) {
        this(signatures, anchors, audiences, limits, dialects, false);
        if (audiences.isEmpty()) {
            throw new IllegalArgumentException("an enforcement point has at least one audience name");
        }
    }

    private ChainVerifier(
            SignatureVerifier signatures,
            Anchors anchors,
            Set<String> audiences,
            Limits limits,
            TokenDialects dialects,
            boolean offline) {
        this.anchors = anchors;
        this.audiences = Set.copyOf(audiences);
        this.limits = limits;
        this.root = new RootSteps(signatures, limits, dialects, offline);
        this.derived = new DerivedSteps(signatures, limits, dialects);
    }

    /**
     * A verifier without an enforcement point: it demands of a root only what AAT-02 does, and skips step 6c if it has
     * no audience. Its results must never permit a call.
     */
    static ChainVerifier offline(SignatureVerifier signatures, Anchors anchors, Set<String> audiences, Limits limits) {
        return new ChainVerifier(signatures, anchors, audiences, limits, TokenDialects.ALL, true);
    }

    /** Verifies a whole chain of untrusted compact tokens, root first, leaf last. */
    public ChainResult verify(List<String> chain, Instant now) {
        try {
            require(!chain.isEmpty(), "1", "the chain is empty");
            for (String token : chain) {
                requireTokenSize(token);
            }
            long sizeBytes = chain.stream().mapToLong(String::length).sum();
            requireChainSize(sizeBytes);
            long nowSeconds = now.getEpochSecond();
            List<Anchor> trusted = anchors.current();
            RootSteps.Root first = root.verify(root.signed(chain.get(0), trusted), null, nowSeconds);
            List<Link> links = new ArrayList<>(List.of(first.link()));
            List<DelegationToken> tokens = new ArrayList<>(List.of(first.link().token()));
            for (String compact : chain.subList(1, chain.size())) {
                Link link = derived.verify(derived.signed(compact, tokens, trusted), tokens, nowSeconds);
                links.add(link);
                tokens.add(link.token());
            }
            requireWhole(links);
            return new ChainResult.Accepted(new VerifiedChain(tokens, first.facts(), first.signer(), (int) sizeBytes));
        } catch (StepException e) {
            return e.rejected();
        }
    }

    /** Verifies the signatures of a whole chain of untrusted compact tokens, root first, leaf last. */
    public SignatureResult verifySignatures(List<String> chain) {
        try {
            require(!chain.isEmpty(), "1", "the chain is empty");
            require(chain.size() <= limits.depth() + 1, "4f", "the chain is deeper than " + limits.depth());
            for (String token : chain) {
                requireTokenSize(token);
            }
            long sizeBytes = chain.stream().mapToLong(String::length).sum();
            requireChainSize(sizeBytes);
            List<Anchor> trusted = anchors.current();
            RootSteps.Signed first = root.signed(chain.get(0), trusted);
            List<BoundToken> tokens = new ArrayList<>(List.of(root.bound(first)));
            List<DerivedSteps.Signed> links = new ArrayList<>();
            for (String compact : chain.subList(1, chain.size())) {
                DerivedSteps.Signed link = derived.signed(compact, tokens, trusted);
                links.add(link);
                tokens.add(link.token());
            }
            return new SignatureResult.Accepted(new SignedChain(first, null, tokens, links, sizeBytes));
        } catch (StepException e) {
            return new SignatureResult.Refused(e.step(), e.reason());
        }
    }

    /** Verifies the signature of one more token below ancestors that were verified before. */
    public SignatureResult verifySignature(VerifiedChain ancestors, String leaf) {
        try {
            requireTokenSize(leaf);
            long sizeBytes = (long) ancestors.sizeBytes() + leaf.length();
            requireChainSize(sizeBytes);
            require(isTrusted(ancestors), "3b", "no trusted anchor signed the root");
            DerivedSteps.Signed link = derived.signed(leaf, ancestors.tokens(), anchors.current());
            List<BoundToken> tokens = new ArrayList<>(ancestors.tokens());
            tokens.add(link.token());
            return new SignatureResult.Accepted(new SignedChain(null, ancestors, tokens, List.of(link), sizeBytes));
        } catch (StepException e) {
            return new SignatureResult.Refused(e.step(), e.reason());
        }
    }

    /** Checks the signed content of a chain, after its sender has proved that it holds the leaf. */
    public ChainResult check(SignedChain signed, Instant now) {
        try {
            return signed.above == null ? checkWhole(signed, now) : checkBelow(signed.above, signed, now);
        } catch (StepException e) {
            return e.rejected();
        }
    }

    /**
     * The chain, if it is refused only since it has expired: every step held in the last second before its first token
     * expired. Else null. Such a chain permits nothing.
     */
    public @Nullable VerifiedChain expired(SignedChain signed, Instant now) {
        long expiry = signed.earliestExpiry();
        return expiry <= now.getEpochSecond()
                        && check(signed, Instant.ofEpochSecond(expiry - 1)) instanceof ChainResult.Accepted whole
                ? whole.chain()
                : null;
    }

    private ChainResult checkWhole(SignedChain signed, Instant now) throws StepException {
        long nowSeconds = now.getEpochSecond();
        RootSteps.Signed signedRoot = Objects.requireNonNull(signed.root);
        RootSteps.Root first = root.verify(signedRoot, signed.tokens.get(0), nowSeconds);
        List<Link> links = new ArrayList<>(List.of(first.link()));
        List<DelegationToken> tokens = new ArrayList<>(List.of(first.link().token()));
        for (DerivedSteps.Signed each : signed.derived) {
            Link link = derived.verify(each, tokens, nowSeconds);
            links.add(link);
            tokens.add(link.token());
        }
        requireWhole(links);
        return new ChainResult.Accepted(
                new VerifiedChain(tokens, first.facts(), first.signer(), (int) signed.sizeBytes));
    }

    private ChainResult checkBelow(VerifiedChain above, SignedChain signed, Instant now) throws StepException {
        requireStillGood(above, now);
        Link link = derived.verify(signed.derived.get(0), above.tokens(), now.getEpochSecond());
        requireWhole(List.of(link));
        List<DelegationToken> tokens = new ArrayList<>(above.tokens());
        tokens.add(link.token());
        return new ChainResult.Accepted(
                new VerifiedChain(tokens, above.root(), above.signer(), (int) signed.sizeBytes));
    }

    /** Whether this is the key of an anchor that is trusted now. */
    public boolean trusts(KeyThumbprint signer) {
        return anchors.current().stream()
                .anyMatch(anchor -> anchor.key().thumbprint().equals(signer));
    }

    /**
     * Verifies one more token below ancestors that were verified before. It costs one signature, however many ancestors
     * there are. Expiry and the anchor's key are checked again.
     */
    public ChainResult extend(VerifiedChain ancestors, String leaf, Instant now) {
        try {
            requireTokenSize(leaf);
            long sizeBytes = (long) ancestors.sizeBytes() + leaf.length();
            requireChainSize(sizeBytes);
            requireStillGood(ancestors, now);
            DerivedSteps.Signed signed = derived.signed(leaf, ancestors.tokens(), anchors.current());
            Link link = derived.verify(signed, ancestors.tokens(), now.getEpochSecond());
            requireWhole(List.of(link));
            List<DelegationToken> tokens = new ArrayList<>(ancestors.tokens());
            tokens.add(link.token());
            return new ChainResult.Accepted(
                    new VerifiedChain(tokens, ancestors.root(), ancestors.signer(), (int) sizeBytes));
        } catch (StepException e) {
            return e.rejected();
        }
    }

    /**
     * Whether a chain that this verifier accepted is still valid: none of its tokens has expired, and its anchor's key
     * is still trusted for its issuer and its human. Whether its task is active is known to the state only.
     */
    public boolean stillValid(VerifiedChain chain, Instant now) {
        return isTrusted(chain) && !isExpired(chain.earliestExpiry(), now);
    }

    private void requireStillGood(VerifiedChain chain, Instant now) throws StepException {
        require(isTrusted(chain), "3b", "no trusted anchor signed the root");
        String step = isExpired(chain.rootToken().expiry(), now) ? "3e" : "4i";
        require(!isExpired(chain.earliestExpiry(), now), step, "a token is expired");
    }

    private boolean isTrusted(VerifiedChain chain) {
        String issuer = chain.root().anchor();
        for (Anchor anchor : anchors.current()) {
            if (anchor.key().thumbprint().equals(chain.signer())
                    && (anchor.issuer() == null || anchor.issuer().equals(issuer))
                    && anchor.speaksFor(chain.root().human())) {
                return true;
            }
        }
        return false;
    }

    private static boolean isExpired(long expirySeconds, Instant now) {
        return expirySeconds <= now.getEpochSecond();
    }

    private void requireTokenSize(String token) throws StepException {
        require(token.length() <= limits.tokenBytes(), "2a", "a token exceeds " + limits.tokenBytes() + " bytes");
    }

    private void requireChainSize(long sizeBytes) throws StepException {
        require(sizeBytes <= limits.chainBytes(), "2b", "the chain exceeds " + limits.chainBytes() + " bytes");
    }

    private void requireWhole(List<Link> links) throws StepException {
        Link leaf = links.get(links.size() - 1);
        require(leaf.capabilities() == 1, "6a", "a leaf has exactly one attenuating_agent_token entry");
        if (audiences.isEmpty()) {
            return;
        }
        for (Link link : links) {
            List<String> audience = link.token().audience();
            boolean named = audience.isEmpty()
                    ? !link.audienceMalformed()
                    : audience.stream().anyMatch(audiences::contains);
            require(named, "6c", "an aud does not name this enforcement point");
        }
    }
}
