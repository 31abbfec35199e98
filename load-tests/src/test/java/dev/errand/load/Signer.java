package dev.errand.load;

import dev.errand.jose.CryptoProvider;
import dev.errand.jose.KeyAlgorithm;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** A key that signs compact JWS. Thread-safe. */
record Signer(KeyAlgorithm algorithm, JsonObject publicJwk, PrivateKey key) {
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    static Signer of(KeyAlgorithm algorithm, JsonObject privateJwk) {
        try {
            byte[] secret = Base64.getUrlDecoder().decode(String.valueOf(privateJwk.string("d")));
            return new Signer(algorithm, algorithm.publicMembers(privateJwk), algorithm.privateKey(secret));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static Signer generate(KeyAlgorithm algorithm) {
        try {
            return of(algorithm, algorithm.generate());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The private JWK in a file. */
    static Signer read(Path file) {
        try {
            JsonObject jwk = Json.parseObject(Files.readAllBytes(file));
            return of("OKP".equals(jwk.string("kty")) ? KeyAlgorithm.ED25519 : KeyAlgorithm.ES256, jwk);
        } catch (IOException | MalformedJsonException e) {
            throw new IllegalArgumentException(file + ": no private JWK", e);
        }
    }

    /** The RFC 7638 thumbprint. */
    String thumbprint() {
        String members = algorithm == KeyAlgorithm.ES256
                ? "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"" + publicJwk.string("x") + "\",\"y\":\""
                        + publicJwk.string("y") + "\"}"
                : "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"" + publicJwk.string("x") + "\"}";
        return Sha256.base64UrlOf(members);
    }

    /** The public JWK with these members behind its own. */
    JsonObject publicJwkWith(Map<String, String> more) {
        Map<String, JsonValue> members = new LinkedHashMap<>(publicJwk.members());
        more.forEach((name, value) -> members.put(name, new JsonString(value)));
        return new JsonObject(members);
    }

    /** The encoded protected header, for signing many payloads under it. */
    String header(Map<String, JsonValue> more) {
        Map<String, JsonValue> header = new LinkedHashMap<>(more);
        header.put("alg", new JsonString(algorithm.jws()));
        return BASE64.encodeToString(Jcs.canonicalBytes(new JsonObject(header)));
    }

    /** A compact JWS of a JSON payload under a header that {@link #header} made. */
    String sign(String header, String payload) {
        String input = header + "." + BASE64.encodeToString(payload.getBytes(StandardCharsets.UTF_8));
        try {
            Signature signature = CryptoProvider.signature(algorithm.jca());
            signature.initSign(key);
            signature.update(input.getBytes(StandardCharsets.US_ASCII));
            return input + "." + BASE64.encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
