package dev.errand.jose;

import dev.errand.delegation.HolderKey;
import dev.errand.delegation.SignatureVerifier;
import dev.errand.json.JsonValue.JsonObject;
import java.util.Optional;

/**
 * Verifies what holders sign, with the three algorithms a holder may use: {@code Ed25519}, {@code EdDSA} (Ed25519 keys)
 * and {@code ES256} (P-256 keys). Who asks has a shorter list of its own: {@code EdDSA} is for DPoP proofs. Ed25519 is strict (RFC 8032 section 5.1.7: S below the group's order; keys canonical
 * and not of small order); an ES256 signature is 64 bytes with r and s in [1, n-1]. Thread-safe; never blocks.
 */
public final class JoseSignatureVerifier implements SignatureVerifier {

    @Override
    public boolean verify(String algorithm, HolderKey key, byte[] signingInput, byte[] signature) {
        return switch (algorithm) {
            case "Ed25519", "EdDSA" ->
                "OKP".equals(key.jwk().string("kty"))
                        && JwsAlgorithm.ED25519.verify(key.key(), signingInput, signature);
            case "ES256" ->
                "EC".equals(key.jwk().string("kty")) && JwsAlgorithm.ES256.verify(key.key(), signingInput, signature);
            default -> false;
        };
    }

    @Override
    public Optional<HolderKey> parsePublicKey(JsonObject jwk) {
        return PublicJwk.parse(jwk).flatMap(PublicJwk::asHolderKey);
    }
}
