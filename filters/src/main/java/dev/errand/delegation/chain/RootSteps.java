package dev.errand.delegation.chain;

import static dev.errand.delegation.chain.StepException.require;

import dev.errand.delegation.Capability;
import dev.errand.delegation.CompactJws;
import dev.errand.delegation.DelegationToken;
import dev.errand.delegation.HolderKey;
import dev.errand.delegation.Instruction;
import dev.errand.delegation.RootFacts;
import dev.errand.delegation.SignatureVerifier;
import dev.errand.delegation.TaskBounds;
import dev.errand.identity.KeyThumbprint;
import dev.errand.json.JsonValue.JsonNull;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Steps 3a to 3n of AAT-02 section 5, and the task profile's of a root. */
final class RootSteps {
    private final SignatureVerifier signatures;
    private final Limits limits;
    private final boolean lenient;

    RootSteps(SignatureVerifier signatures, Limits limits, boolean lenient) {
        this.signatures = signatures;
        this.limits = limits;
        this.lenient = lenient;
    }

    /** A verified root and whose key it verified under. */
    record Root(Link link, RootFacts facts, KeyThumbprint signer) {}

    Root verify(String compact, List<Anchor> anchors, long nowSeconds) throws StepException {
        CompactJws jws = Claims.header("3a", compact, Claims.TOKEN_TYPE);
        List<Anchor> signers = signers(jws, anchors);
        require(!signers.isEmpty(), "3b", "no trusted anchor signed the root");
        Claims claims = Claims.parse("3b", jws);
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
        Anchor anchor = anchor(signers, issuer)
                .orElseThrow(() -> new StepException("3k", "iss is not that of the anchor that signed"));
        HolderKey holder = claims.holder("3l", signatures);
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
        DelegationToken token = new DelegationToken(
                jws.id(),
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

    /** The anchors that hold the one key that signed; {@code kid} may only choose among them. */
    private List<Anchor> signers(CompactJws jws, List<Anchor> anchors) {
        String keyId = Claims.keyId(jws);
        boolean named = keyId != null && anchors.stream().anyMatch(anchor -> keyId.equals(anchor.keyId()));
        List<Anchor> signers = new ArrayList<>();
        for (Anchor anchor : anchors) {
            boolean mayBeMeant = keyId == null || keyId.equals(anchor.keyId()) || (!named && anchor.keyId() == null);
            if (!mayBeMeant) {
                continue;
            }
            boolean signed = signers.isEmpty()
                    ? Claims.isSignedBy(jws, anchor.key(), signatures)
                    : signers.get(0).key().thumbprint().equals(anchor.key().thumbprint());
            if (signed) {
                signers.add(anchor);
            }
        }
        return signers;
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
