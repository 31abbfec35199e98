package dev.errand.token;

import static dev.errand.token.StepException.require;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Verifies an AAT-PoP (AAT-02 sections 4 and 5, steps 7a to 7g). The signature is checked before the operation is
 * resolved, and the tool and its arguments (7e, 7f) after that. So the verifier is called twice. Thread-safe.
 *
 * @param audiences the names of this gateway in {@code aat_aud}; empty if any name is taken
 * @param requireAudience whether a proof must have an {@code aat_aud} (appendix J.6.1)
 */
public record PopVerifier(SignatureVerifier signatures, Set<String> audiences, boolean requireAudience, Limits limits) {
    /** The {@code typ} of a proof. */
    public static final String TYPE = "aat-pop+jwt";

    /** The longest {@code jti}, in characters. */
    public static final int MAX_JTI = 128;

    public PopVerifier {
        audiences = Set.copyOf(audiences);
    }

    /** Verifies an untrusted proof for this leaf: steps 7a to 7d and 7g. */
    public PopResult verify(String compact, BoundToken leaf, Instant now) {
        try {
            PopResult.Accepted proven = claims(signed(compact, leaf), leaf);
            requireFresh(proven, now);
            return proven;
        } catch (StepException e) {
            return new PopResult.Refused(e.step(), e.reason());
        }
    }

    /**
     * Checks that the proof is for this call (steps 7e, 7f): its tool is the same, and its arguments equal the
     * arguments that we extracted ourselves, by JCS. Empty if so.
     */
    public static Optional<PopResult.Refused> checkCall(
            String provenTool, JsonObject provenArguments, String tool, JsonObject arguments) {
        if (!provenTool.equals(tool)) {
            return Optional.of(new PopResult.Refused("7e", "the proof is for another tool"));
        }
        return isSame(provenArguments, arguments)
                ? Optional.empty()
                : Optional.of(new PopResult.Refused("7f", "hta is not the arguments of the call"));
    }

    /** Whether the proven arguments equal the call's by JCS. A number that JCS cannot keep exactly is equal to none. */
    public static boolean isSame(JsonObject provenArguments, JsonObject arguments) {
        return Jcs.isAdmissible(provenArguments)
                && Jcs.isAdmissible(arguments)
                && Jcs.canonical(provenArguments).equals(Jcs.canonical(arguments));
    }

    /** Steps 7a and 7b. */
    CompactJws signed(String compact, BoundToken leaf) throws StepException {
        require(compact.length() <= limits.tokenBytes(), "7a", "the proof exceeds " + limits.tokenBytes() + " bytes");
        CompactJws jws = Claims.header("7a", compact, TYPE);
        require(
                Claims.namesKey(jws, leaf.holder()) && Claims.isSignedBy(jws, leaf.holder(), signatures),
                "7b",
                "the signature does not verify under the leaf's cnf.jwk");
        return jws;
    }

    /** Steps 7c and 7d. */
    PopResult.Accepted claims(CompactJws signed, BoundToken leaf) throws StepException {
        Claims claims = Claims.parse("7c", signed);
        String jti = claims.text("7c", "jti");
        require(jti.length() <= MAX_JTI, "7c", "jti exceeds " + MAX_JTI + " characters");
        long issuedAt = claims.integer("7c", "iat");
        require(claims.text("7c", "aat_id").equals(leaf.jti()), "7c", "aat_id is not the leaf's jti");
        require(claims.text("7c", "aat_hash").equals(leaf.id().hash()), "7c", "aat_hash is not the leaf's hash");
        String tool = claims.text("7c", "aat_tool");
        JsonObject arguments = claims.json().object("hta");
        if (arguments == null) {
            throw new StepException("7c", "hta must be an object");
        }
        require(!claims.has("nonce") || claims.json().string("nonce") != null, "7c", "nonce must be a string");
        require(!requireAudience || claims.has("aat_aud"), "7d", "the proof has no aat_aud");
        boolean named = audiences.isEmpty()
                || !claims.has("aat_aud")
                || claims.audience("aat_aud").filter(this::namesUs).isPresent();
        require(named, "7d", "aat_aud does not name this enforcement point");
        return new PopResult.Accepted(
                jti, issuedAt, tool, arguments, claims.json().string("nonce"));
    }

    /** Step 7g. */
    void requireFresh(PopResult.Accepted proven, Instant now) throws StepException {
        long distance = Math.abs(proven.issuedAt() - now.getEpochSecond());
        require(distance <= limits.clockAllowanceSeconds(), "7g", "iat is outside the window");
    }

    private boolean namesUs(List<String> audience) {
        return audience.stream().anyMatch(audiences::contains);
    }
}
