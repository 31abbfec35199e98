package dev.errand.fleet;

import dev.errand.jose.SigningKeys;
import dev.errand.token.CompactJws;
import dev.errand.token.HolderKey;
import dev.errand.token.KeyUse;
import dev.errand.token.SignatureVerifier;
import java.util.Optional;

/** JWTs between replicas, signed by a key of use {@code log}. Thread-safe; never blocks. */
record LogKeySignatures(SigningKeys keys, SignatureVerifier signatures) {
    private static final int MOST_CHARACTERS = 4_096;
    private static final String ALGORITHM = "Ed25519";

    String sign(String type, byte[] claims) {
        return keys.checkpointKey().signJws(type, claims);
    }

    /** The JWT if one of our keys signed it and it has that type; else empty. */
    Optional<CompactJws> verify(String type, String text) {
        CompactJws jws = CompactJws.parse(text, MOST_CHARACTERS).orElse(null);
        if (jws == null || !jws.type().equals(type) || !jws.algorithm().equals(ALGORITHM)) {
            return Optional.empty();
        }
        byte[] signature = jws.signature().orElse(new byte[0]);
        for (HolderKey key : keys.verificationKeys(KeyUse.LOG)) {
            if (ALGORITHM.equals(key.jwk().string("crv"))
                    && signatures.verify(ALGORITHM, key, jws.signingInput(), signature)) {
                return Optional.of(jws);
            }
        }
        return Optional.empty();
    }
}
