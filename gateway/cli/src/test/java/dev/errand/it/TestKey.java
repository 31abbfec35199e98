package dev.errand.it;

import dev.errand.holder.AgentKey;
import dev.errand.jose.CryptoProvider;
import dev.errand.jose.KeyAlgorithm;
import dev.errand.jose.PublicJwk;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Base64;

/**
 * A key pair that signs whatever it is told to, well-formed or not.
 *
 * @param kid its name in a key set
 * @param jwk the private JWK
 */
record TestKey(String kid, KeyAlgorithm algorithm, JsonObject jwk) {
    static TestKey ed25519(String kid) {
        return generate(kid, KeyAlgorithm.ED25519);
    }

    static TestKey p256(String kid) {
        return generate(kid, KeyAlgorithm.ES256);
    }

    private static TestKey generate(String kid, KeyAlgorithm algorithm) {
        try {
            return new TestKey(kid, algorithm, algorithm.generate());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** The same key as the agent's side knows it. */
    AgentKey agent() {
        return AgentKey.of(jwk);
    }

    JsonObject publicJwk() {
        return algorithm.publicMembers(jwk);
    }

    String thumbprint() {
        return KeyAlgorithm.thumbprint(publicJwk());
    }

    /** The public JWK as text, with more members such as {@code ,"use":"sig"} at its end. */
    String publicJwk(String more) {
        String text = Jcs.canonical(publicJwk());
        return text.substring(0, text.length() - 1) + more + "}";
    }

    byte[] sign(String input) {
        try {
            Signature signature = CryptoProvider.signature(algorithm.jca());
            signature.initSign(privateKey());
            signature.update(input.getBytes(StandardCharsets.US_ASCII));
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** The same key as certificates and TLS know it. */
    KeyPair pair() {
        try {
            return new KeyPair(PublicJwk.parse(publicJwk()).orElseThrow().key(), privateKey());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private PrivateKey privateKey() throws GeneralSecurityException {
        return algorithm.privateKey(Base64.getUrlDecoder().decode(String.valueOf(jwk.string("d"))));
    }

    /** A compact JWS of exactly these texts. */
    String jws(String header, String payload) {
        String input = Jws.input(header, payload);
        return input + "." + Jws.base64(sign(input));
    }
}
