package dev.errand.jose;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.HolderKey;
import dev.errand.token.SignatureVerifier;
import java.util.Optional;

/**
 * Verifies what holders sign, with the three algorithms that a holder may use: {@code Ed25519}, {@code EdDSA} (Ed25519
 * keys) and {@code ES256} (P-256 keys). Callers restrict the list further: only DPoP proofs may use {@code EdDSA}.
 * Ed25519 is strict (RFC 8032 section 5.1.7: S below the group's order; keys canonical and not of small order). An
 * ES256 signature is 64 bytes with r and s in [1, n-1]. Nimbus is not used: it verifies Ed25519 only with Tink, a
 * second cryptographic provider beside the one chosen here. Thread-safe; never blocks.
 */
public final class JoseSignatureVerifier implements SignatureVerifier {

    @Override
    public boolean verify(String algorithm, HolderKey key, byte[] signingInput, byte[] signature) {
        for (JwsAlgorithm known : JwsAlgorithm.OF_HOLDERS) {
            if (known.id().equals(algorithm)) {
                return known.keyType().kty().equals(key.jwk().string("kty"))
                        && known.verify(key.key(), signingInput, signature);
            }
        }
        return false;
    }

    @Override
    public Optional<HolderKey> parsePublicKey(JsonObject jwk) {
        return PublicJwk.parse(jwk).flatMap(PublicJwk::asHolderKey);
    }
}
