package dev.errand.jose;

import java.time.Duration;

/**
 * The single use of a proof of possession. Immutable.
 *
 * @param hash unpadded base64url of a hash over the key's thumbprint and the proof's {@code jti}
 * @param keepMillis how long the store remembers the use, by the store's own clock
 * @param onlyWhenPermitted whether only a permitted call uses the proof up (AAT-PoP), or any step that saw it (DPoP)
 */
public record ProofClaim(String hash, long keepMillis, boolean onlyWhenPermitted) {
    /** For a caller proven by its connection (mutual TLS): nothing can be replayed, so nothing is claimed. */
    public static final ProofClaim NONE = new ProofClaim("", 0, true);

    /**
     * For two replicas whose clocks each differ from the store's by 5 s, an {@code iat} in whole seconds, and a
     * reserve.
     */
    private static final Duration MARGIN = Duration.ofSeconds(15);

    /**
     * How long a used proof is remembered: twice the window, and a margin. A proof may be dated a whole window ahead,
     * and is valid until a whole window after its date. The result is a duration, so no gateway's wall clock can
     * shorten it.
     *
     * @param window the accepted age of a proof, on each side
     */
    public static long keepMillis(Duration window) {
        return window.multipliedBy(2).plus(MARGIN).toMillis();
    }

    /** Whether there is a single use to claim. */
    public boolean isClaimed() {
        return !hash.isEmpty();
    }
}
