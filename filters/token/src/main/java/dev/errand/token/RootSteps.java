package dev.errand.token;

import static dev.errand.token.StepException.require;

import dev.errand.json.JsonValue.JsonNull;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Steps 3a to 3n of AAT-02 section 5, and the task profile's steps for a root: first the signature, then, separately,
 * the content that it covers.
 */
record RootSteps(SignatureVerifier signatures, Limits limits, TokenDialects dialects, boolean lenient) {
    /** The most keys that one root is tried with. A root that names its {@code kid} needs one. */
    static final int MAX_KEYS = 16;

    /** A verified root, and the key that verified it. */
    record Root(Link link, RootFacts facts, KeyThumbprint signer) {}

    /**
     * A root with a verified signature (steps 3a and 3b).
     *
     * @param signers the anchors that have the key which signed it, at least one
     */
    record Signed(CompactJws jws, Claims claims, List<Anchor> signers) {
        KeyThumbprint signer() {
            return signers.get(0).key().thumbprint();
        }
    }

    Signed signed(String compact, List<Anchor> anchors) throws StepException {
        CompactJws jws = Claims.token("3a", compact, dialects);
        List<Anchor> signers = signers(jws, anchors);
        require(!signers.isEmpty(), "3b", "no trusted anchor signed the root");
        return new Signed(jws, Claims.parse("3b", jws, dialects), signers);
    }

    /** The part of the root that verifies a child's signature, or a proof (steps 3j and 3l). */
    SignedToken bound(Signed signed) throws StepException {
        return new SignedToken(
                TokenId.of(signed.jws()),
                signed.claims().text("3j", "jti"),
                signed.claims().holder("3l", signatures));
    }

    /** @param bound the result of {@link #bound} for the same root, or null if that was not called */
    Root verify(Signed signed, @Nullable BoundToken bound, long nowSeconds) throws StepException {
        CompactJws jws = signed.jws();
        List<Anchor> signers = signed.signers();
        Claims claims = signed.claims();
        long issuedAt = claims.integer("3b", "iat");
        long expiry = claims.integer("3b", "exp");
        require(claims.integer("3c", "del_depth") == 0, "3c", "del_depth of a root must be 0");
        require(!claims.has("par_hash"), "3d", "a root must not have a par_hash");
        require(expiry > nowSeconds, "3e", "the root is expired");
        require(issuedAt <= nowSeconds + limits.clockAllowanceSeconds(), "3f", "the root is issued in the future");
        require(expiry > issuedAt, "3g", "exp must be after iat");
        require(expiry - issuedAt <= limits.lifetimeSeconds(), "3h", "the root lives longer than allowed");
        long maxDepth = claims.integer("3i", "del_max_depth");
        require(maxDepth >= 0 && maxDepth <= limits.depth(), "3i", "del_max_depth must be 0 to " + limits.depth());
        String jti = claims.text("3j", "jti");
        String issuer = claims.text("3k", "iss");
        require(isUri(issuer), "3k", "iss is not a URI");
        Anchor anchor = anchor(signers, issuer)
                .orElseThrow(() -> new StepException("3k", "iss is not that of the anchor that signed"));
        HolderKey holder = bound == null ? claims.holder("3l", signatures) : bound.holder();
        Details details =
                Details.of("3m", Objects.requireNonNullElse(claims.json().get("authorization_details"), JsonNull.NULL));
        require(details.capabilities().size() == 1, "3m", "a root has exactly one attenuating_agent_token entry");
        Capability capability = details.capability("3m", "3n", limits.nesting());

        TaskBounds bounds = TaskProfile.bounds(details);
        Instruction instruction = TaskProfile.instruction(claims);
        @Nullable String actor = TaskProfile.actor(claims);
        RootFacts facts = lenient
                ? RootClaims.parseLenient(claims, issuer, actor)
                : RootClaims.parse(claims, anchor, issuer, actor);
        require(
                anchor.speaksFor(facts.human()),
                TaskProfile.step("sub_id"),
                "the anchor may not speak for humans of this identity provider");
        DelegationToken token = new DelegationToken(
                TokenId.of(jws),
                jti,
                issuer,
                issuedAt,
                expiry,
                holder,
                claims.audience().orElse(List.of()),
                0,
                (int) maxDepth,
                capability,
                bounds,
                actor,
                instruction);
        return new Root(Link.of(token, details, claims), facts, anchor.key().thumbprint());
    }

    /** The anchors that have the key which signed the root. {@code kid} only narrows which keys are tried. */
    private List<Anchor> signers(CompactJws jws, List<Anchor> anchors) throws StepException {
        String keyId = Claims.keyId(jws);
        boolean named = keyId != null && anchors.stream().anyMatch(anchor -> keyId.equals(anchor.keyId()));
        List<Anchor> signers = new ArrayList<>();
        Set<KeyThumbprint> refused = new HashSet<>();
        for (Anchor anchor : anchors) {
            boolean mayBeMeant = keyId == null || keyId.equals(anchor.keyId()) || (!named && anchor.keyId() == null);
            KeyThumbprint key = anchor.key().thumbprint();
            if (!mayBeMeant || !Claims.fits(jws, anchor.key()) || refused.contains(key)) {
                continue;
            }
            if (!signers.isEmpty()) {
                if (signers.get(0).key().thumbprint().equals(key)) {
                    signers.add(anchor);
                }
            } else if (Claims.isSignedBy(jws, anchor.key(), signatures)) {
                signers.add(anchor);
            } else {
                refused.add(key);
                require(refused.size() < MAX_KEYS, "3b", "none of " + MAX_KEYS + " keys signed the root: name its kid");
            }
        }
        return signers;
    }

    private static boolean isUri(String text) {
        try {
            return new URI(text).isAbsolute();
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static Optional<Anchor> anchor(List<Anchor> signers, String issuer) {
        return signers.stream()
                .filter(anchor -> issuer.equals(anchor.issuer()))
                .findFirst()
                .or(() -> signers.stream()
                        .filter(anchor -> anchor.issuer() == null)
                        .findFirst());
    }
}
