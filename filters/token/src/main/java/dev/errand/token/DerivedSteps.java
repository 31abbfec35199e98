package dev.errand.token;

import static dev.errand.token.StepException.require;

import dev.errand.json.JsonValue.JsonNull;
import java.util.List;
import java.util.Objects;

/**
 * Steps 4a to 4q of AAT-02 section 5 (with 2c, when the claims may be read), and the task profile's steps for a derived
 * token. First the signature and the form of the claims (4a, 4b), then, separately, the content of the claims.
 */
record DerivedSteps(SignatureVerifier signatures, Limits limits, TokenDialects dialects) {
    /** A token that passed 4a, 4b and 2c. */
    record Signed(
            SignedToken token,
            Claims claims,
            Details details,
            long depth,
            long maxDepth,
            String issuer,
            String parentHash,
            long issuedAt,
            long expiry) {}

    /** Verifies a token's signature with the key of its parent, which is the last of the ancestors. */
    Signed signed(String compact, List<? extends BoundToken> ancestors, List<Anchor> anchors) throws StepException {
        BoundToken parent = ancestors.get(ancestors.size() - 1);
        CompactJws jws = Claims.token("4a", compact, dialects);
        TokenId id = TokenId.of(jws);
        require(
                ancestors.stream().noneMatch(ancestor -> ancestor.id().equals(id)),
                "2c",
                "the same token stands twice in the chain");
        require(
                Claims.namesKey(jws, parent.holder()) && !namesAnotherAnchor(jws, parent.holder(), anchors),
                "4b",
                "kid names another key than the parent's cnf.jwk");
        require(
                Claims.isSignedBy(jws, parent.holder(), signatures),
                "4b",
                "the signature does not verify under the parent's cnf.jwk");
        Claims claims = Claims.parse("4b", jws, dialects);
        String jti = claims.text("4b", "jti");
        require(ancestors.stream().noneMatch(ancestor -> ancestor.jti().equals(jti)), "2c", "a jti stands twice");
        HolderKey holder = claims.holder("4b", signatures);
        Details details =
                Details.of("4b", Objects.requireNonNullElse(claims.json().get("authorization_details"), JsonNull.NULL));
        long depth = depth(claims, "del_depth");
        long maxDepth = depth(claims, "del_max_depth");
        String issuer = claims.text("4b", "iss");
        String parentHash = claims.text("4b", "par_hash");
        long issuedAt = claims.integer("4b", "iat");
        long expiry = claims.integer("4b", "exp");
        SignedToken token = new SignedToken(id, jti, holder);
        return new Signed(token, claims, details, depth, maxDepth, issuer, parentHash, issuedAt, expiry);
    }

    private static long depth(Claims claims, String name) throws StepException {
        long depth = claims.integer("4b", name);
        require(depth >= 0, "4b", name + " must not be negative");
        return depth;
    }

    /** Checks the claims of a signed token against its parent, which is the last of the ancestors. */
    Link verify(Signed signed, List<DelegationToken> ancestors, long nowSeconds) throws StepException {
        DelegationToken parent = ancestors.get(ancestors.size() - 1);
        Claims claims = signed.claims();
        Details details = signed.details();
        long depth = signed.depth();
        long maxDepth = signed.maxDepth();
        long issuedAt = signed.issuedAt();
        long expiry = signed.expiry();
        String thumbprintUri =
                Claims.THUMBPRINT_URI + parent.holder().thumbprint().value();
        require(signed.issuer().equals(thumbprintUri), "4c", "iss is not the thumbprint URI of the parent's cnf.jwk");
        require(depth == parent.depth() + 1, "4d", "del_depth must be the parent's plus one");
        require(depth <= parent.maxDepth(), "4e", "del_depth exceeds the parent's del_max_depth");
        require(depth <= limits.depth(), "4f", "del_depth exceeds " + limits.depth());
        require(maxDepth <= parent.maxDepth(), "4g", "del_max_depth exceeds the parent's");
        require(depth <= maxDepth, "4m", "del_depth exceeds the token's own del_max_depth");
        require(expiry <= parent.expiry(), "4h", "exp is after the parent's");
        require(expiry > nowSeconds, "4i", "the token is expired");
        require(issuedAt >= parent.issuedAt(), "4j", "iat is before the parent's");
        require(issuedAt <= nowSeconds + limits.clockAllowanceSeconds(), "4k", "the token is issued in the future");
        require(expiry > issuedAt, "4l", "exp must be after iat");
        require(details.capabilities().size() <= 1, "4n", "at most one attenuating_agent_token entry");
        Capability capability = details.capability("4n", "4o", limits.nesting());
        var widening = Attenuation.check(parent.capability(), capability);
        if (widening.isPresent()) {
            Attenuation.Widening found = widening.get();
            throw new StepException(
                    found.step(), (found.tool() + " " + found.argument()).trim() + " is wider than the parent's");
        }
        require(signed.parentHash().equals(parent.id().hash()), "4q", "par_hash is not the parent's hash");

        TaskBounds bounds = TaskProfile.bounds(details);
        TaskProfile.attenuates(parent.bounds(), bounds);
        Instruction instruction = TaskProfile.instruction(claims);
        TaskProfile.descends(ancestors, instruction);
        DelegationToken token = new DelegationToken(
                signed.token().id(),
                signed.token().jti(),
                signed.issuer(),
                issuedAt,
                expiry,
                signed.token().holder(),
                claims.audience().orElse(List.of()),
                (int) depth,
                (int) maxDepth,
                capability,
                bounds,
                TaskProfile.actor(claims),
                instruction);
        return Link.of(token, details, claims);
    }

    /** Whether {@code kid} is that of an anchor. The key that signs a derived token is not an anchor's. */
    private static boolean namesAnotherAnchor(CompactJws jws, HolderKey signer, List<Anchor> anchors) {
        String keyId = Claims.keyId(jws);
        if (keyId == null || keyId.equals(signer.jwk().string("kid"))) {
            return false;
        }
        List<Anchor> meant =
                anchors.stream().filter(anchor -> keyId.equals(anchor.keyId())).toList();
        return !meant.isEmpty()
                && meant.stream().noneMatch(anchor -> anchor.key().thumbprint().equals(signer.thumbprint()));
    }
}
