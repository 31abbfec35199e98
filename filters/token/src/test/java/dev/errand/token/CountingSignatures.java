package dev.errand.token;

import dev.errand.jose.JoseSignatureVerifier;
import dev.errand.json.JsonValue.JsonObject;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** The real cryptography, which counts how often it is asked. */
public final class CountingSignatures implements SignatureVerifier {
    private final SignatureVerifier real = new JoseSignatureVerifier();
    private final AtomicInteger verified = new AtomicInteger();

    /** How many signatures were verified, good or not. */
    public int verified() {
        return verified.get();
    }

    @Override
    public boolean verify(String algorithm, HolderKey key, byte[] signingInput, byte[] signature) {
        verified.incrementAndGet();
        return real.verify(algorithm, key, signingInput, signature);
    }

    @Override
    public Optional<HolderKey> parsePublicKey(JsonObject jwk) {
        return real.parsePublicKey(jwk);
    }
}
