package dev.errand.delegation;

import dev.errand.json.JsonValue.JsonObject;
import java.util.Optional;

/** The cryptography that the chain verifier asks for; {@code jose} implements it. Thread-safe, never blocking. */
public interface SignatureVerifier {
    /**
     * Whether the signature over the input verifies. False too where the algorithm is not of this key's type or not
     * on the list of holder algorithms ({@code Ed25519}, {@code ES256}, and {@code EdDSA}, which DPoP proofs alone may
     * name).
     */
    boolean verify(String algorithm, HolderKey key, byte[] signingInput, byte[] signature);

    /** The key of a public JWK; empty if it is malformed, of another type, off its curve, or has a private member. */
    Optional<HolderKey> parsePublicKey(JsonObject jwk);
}
