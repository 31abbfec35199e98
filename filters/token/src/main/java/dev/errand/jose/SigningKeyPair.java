package dev.errand.jose;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.Base64Url;
import dev.errand.token.HolderKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A private key held in memory. Thread-safe; it never prints more than its id. */
final class SigningKeyPair implements SigningKey {
    /**
     * The base64url length of a JWS signature, which has 64 bytes with both algorithms (RFC 8032 section 5.1.6, RFC
     * 7518 section 3.4).
     */
    private static final int SIGNATURE_CHARACTERS = 86;

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
        byte[] body = Base64Url.encodeToBytes(payload);
        int length = header.length + 1 + body.length;
        byte[] token = Arrays.copyOf(header, length + 1 + SIGNATURE_CHARACTERS);
        token[header.length] = '.';
        System.arraycopy(body, 0, token, header.length + 1, body.length);
        byte[] signature = Base64Url.encodeToBytes(sign(token, length));
        token[length] = '.';
        System.arraycopy(signature, 0, token, length + 1, signature.length);
        return new String(token, 0, length + 1 + signature.length, StandardCharsets.US_ASCII);
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
