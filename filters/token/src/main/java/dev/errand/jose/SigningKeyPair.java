package dev.errand.jose;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.json.Utf8Text;
import dev.errand.token.Base64Url;
import dev.errand.token.HolderKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A private key held in memory. Thread-safe; it never prints more than its id. */
final class SigningKeyPair implements SigningKey {
    private final String id;
    private final KeyAlgorithm algorithm;
    private final HolderKey publicKey;
    private final PrivateKey privateKey;
    // One prepared header for each type of JWS; the code fixes the set of types.
    private final Map<String, byte[]> headers = new ConcurrentHashMap<>();

    SigningKeyPair(String id, KeyAlgorithm algorithm, HolderKey publicKey, PrivateKey privateKey) {
        this.id = id;
        this.algorithm = algorithm;
        this.publicKey = publicKey;
        this.privateKey = privateKey;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String algorithm() {
        return algorithm.jws();
    }

    @Override
    public HolderKey publicKey() {
        return publicKey;
    }

    @Override
    public byte[] sign(byte[] input, int length) {
        try {
            Signature signature = CryptoProvider.signature(algorithm.jca());
            signature.initSign(privateKey);
            signature.update(input, 0, length);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("key " + id + " cannot sign", e);
        }
    }

    /** Whether the halves belong together: the public key verifies a signature by the private key. */
    boolean isPair() {
        byte[] probe = id.getBytes(StandardCharsets.UTF_8);
        try {
            // Signed before the verification begins, since both use the thread's only Signature instance.
            byte[] signed = sign(probe);
            Signature signature = CryptoProvider.signature(algorithm.jca());
            signature.initVerify(publicKey.key());
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException | IllegalStateException notAPair) {
            return false;
        }
    }

    @Override
    public String signJws(String type, byte[] payload) {
        byte[] header = headers.computeIfAbsent(type, this::header);
        Utf8Text token = new Utf8Text().append(header).append('.').base64Url(payload);
        byte[] signature = Base64Url.encodeToBytes(token.readSoFar(this::sign));
        return token.append('.')
                .append(signature)
                .read((bytes, length) -> new String(bytes, 0, length, StandardCharsets.US_ASCII));
    }

    private byte[] header(String type) {
        JsonObject header = new JsonObject(
                Map.of("alg", new JsonString(algorithm.jws()), "kid", new JsonString(id), "typ", new JsonString(type)));
        return Base64Url.encodeToBytes(Jcs.canonicalBytes(header));
    }

    @Override
    public String toString() {
        return algorithm.jws() + " key " + id;
    }
}
