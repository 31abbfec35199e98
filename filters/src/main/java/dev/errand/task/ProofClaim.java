package dev.errand.task;

/**
 * The single use of a proof of possession.
 *
 * @param hash unpadded base64url of a hash over the key's thumbprint and the proof's {@code jti}
 * @param expiresAtMillis when the proof leaves the accepted window, epoch milliseconds
 * @param onlyWhenPermitted whether only a permitted call uses it up (AAT-PoP), or any step that saw it (DPoP)
 */
public record ProofClaim(String hash, long expiresAtMillis, boolean onlyWhenPermitted) {
    /** Of a caller proven by its connection (mutual TLS): there is nothing that could be replayed. */
    public static final ProofClaim NONE = new ProofClaim("", 0, true);

    /** Whether there is a single use to claim. */
    public boolean isClaimed() {
        return !hash.isEmpty();
    }
}
