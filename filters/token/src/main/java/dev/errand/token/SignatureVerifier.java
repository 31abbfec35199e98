package dev.errand.token;

import dev.errand.json.JsonValue.JsonObject;
import java.util.Optional;

/** The cryptography that the chain verifier needs; {@code jose} implements it. Thread-safe, never blocking. */
public interface SignatureVerifier {
    /**
     * Whether the signature over the input is valid. False also if the algorithm does not fit the key's type, or is
     * none of the holders' algorithms ({@code Ed25519}, {@code ES256}, and {@code EdDSA}, which only DPoP proofs may
     * name).
     */
    boolean verify(String algorithm, HolderKey key, byte[] signingInput, byte[] signature);

    /** The key of a public JWK; empty if it is malformed, of another type, off its curve, or has a private member. */
    Optional<HolderKey> parsePublicKey(JsonObject jwk);
}
