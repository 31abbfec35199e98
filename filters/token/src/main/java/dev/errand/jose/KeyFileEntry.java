package dev.errand.jose;

import dev.errand.json.DidYouMean;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.Base64Url;
import dev.errand.token.HolderKey;
import dev.errand.token.KeyThumbprint;
import dev.errand.token.KeyUse;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * One JWK of the key file. Every fault has its place and its fix.
 *
 * @param position of its first character
 */
record KeyFileEntry(Path file, KeyFilePosition position, JsonObject jwk) {
    /** The {@code kty} of a secret. */
    static final String SECRET_TYPE = "oct";

    /** The length of a secret, in bytes. */
    static final int SECRET_BYTES = 32;

    private static final int MAX_ID_CHARACTERS = 128;

    /** The one use that a secret may have. */
    private static final Set<KeyUse> SECRET_USE = EnumSet.of(KeyUse.STATE);

    boolean isSecret() {
        return SECRET_TYPE.equals(jwk.string("kty"));
    }

    /** The secret of use {@code state}, as a key of HMAC-SHA-256 (so that HKDF, RFC 5869, derives from it). */
    SecretKey secret() throws KeyFileException {
        if (!uses().equals(SECRET_USE)) {
            throw fault("a key of kty \"oct\" is for the shared state alone; write \"errand_use\": [\"state\"]");
        }
        agree("HS256");
        byte[] k = bytes("k");
        return new SecretKeySpec(k, "HmacSHA256");
    }

    /** The key of a signature algorithm; one without {@code d} verifies only. */
    RingKey key() throws KeyFileException {
        KeyAlgorithm algorithm = algorithm();
        Set<KeyUse> uses = uses();
        if (uses.contains(KeyUse.STATE)) {
            throw fault("the key of use \"state\" is a secret of its own; write {\"kty\": \"oct\", \"k\": …, "
                    + "\"errand_use\": [\"state\"]} for it");
        }
        byte[] x = bytes("x");
        byte[] y = algorithm == KeyAlgorithm.ES256 ? bytes("y") : x;
        JsonObject members = algorithm.publicMembers(jwk);
        String thumbprint = KeyAlgorithm.thumbprint(members);
        String id = id(thumbprint);
        if (jwk.get("d") == null) {
            HolderKey holder = PublicJwk.parse(named(members, id))
                    .flatMap(PublicJwk::asHolderKey)
                    .orElseThrow(() -> fault("\"x\" and \"y\" are no public key; copy the whole JWK again"));
            return new RingKey(id, algorithm, holder, uses, null);
        }
        byte[] d = bytes("d");
        SigningKeyPair pair = null;
        try {
            HolderKey holder = new HolderKey(members, new KeyThumbprint(thumbprint), algorithm.publicKey(x, y));
            pair = new SigningKeyPair(id, algorithm, holder, algorithm.privateKey(d));
        } catch (GeneralSecurityException offTheCurve) {
            // The check below refuses it, like two halves that do not belong together.
        }
        if (pair == null || !pair.isPair()) {
            throw fault("\"d\" is not the private key of this public key; copy the whole JWK again");
        }
        HolderKey plain = pair.publicKey();
        return new RingKey(
                id, algorithm, new HolderKey(named(members, id), plain.thumbprint(), plain.key()), uses, pair);
    }

    private static JsonObject named(JsonObject members, String id) {
        Map<String, JsonValue> jwk = new LinkedHashMap<>(members.members());
        jwk.put("kid", new JsonString(id));
        return new JsonObject(jwk);
    }

    private KeyAlgorithm algorithm() throws KeyFileException {
        String type = jwk.string("kty");
        String curve = jwk.string("crv");
        for (KeyAlgorithm candidate : KeyAlgorithm.values()) {
            if (candidate.keyType().equals(type) && candidate.curve().equals(curve)) {
                agree(candidate.jws());
                return candidate;
            }
        }
        throw fault(
                "a key must be kty \"OKP\" with crv \"Ed25519\", or kty \"EC\" with crv \"P-256\", or kty \"oct\" of"
                        + " use state; was kty " + quoted(type) + " with crv " + quoted(curve));
    }

    /** Checks that {@code alg} and {@code use}, if present, fit the key's algorithm. */
    private void agree(String algorithm) throws KeyFileException {
        String alg = jwk.string("alg");
        boolean fits = alg == null
                || alg.equals(algorithm)
                || (algorithm.equals(KeyAlgorithm.ED25519.jws()) && alg.equals(JwsAlgorithm.EDDSA.id()));
        if (!fits) {
            throw fault("alg " + quoted(alg) + " is not this key's; write \"" + algorithm + "\"");
        }
        String use = jwk.string("use");
        if (use != null && !use.equals("sig")) {
            throw fault("use " + quoted(use) + " forbids signing; write \"sig\"");
        }
    }

    private Set<KeyUse> uses() throws KeyFileException {
        JsonValue said = jwk.get(KeyUse.MEMBER);
        if (said == null) {
            return EnumSet.copyOf(KeyUse.SIGNING);
        }
        if (!(said instanceof JsonArray list) || list.values().isEmpty()) {
            throw fault("errand_use must be a list of one use or more, such as [\"txn\", \"message\"]");
        }
        Set<KeyUse> uses = EnumSet.noneOf(KeyUse.class);
        for (JsonValue value : list.values()) {
            uses.add(use(value));
        }
        return uses;
    }

    private KeyUse use(JsonValue value) throws KeyFileException {
        String word = value instanceof JsonString text ? text.value() : null;
        return KeyUse.parse(String.valueOf(word))
                .orElseThrow(() -> fault("errand_use " + quoted(word) + " is no use of a key"
                        + DidYouMean.hint(
                                String.valueOf(word),
                                Arrays.stream(KeyUse.values()).map(KeyUse::wire).toList())));
    }

    private byte[] bytes(String name) throws KeyFileException {
        String text = jwk.string(name);
        byte[] bytes = text == null ? null : Base64Url.decode(text, SECRET_BYTES);
        if (bytes != null) {
            return bytes;
        }
        throw fault("\"" + name + "\" must be 32 bytes in base64url");
    }

    private String id(String thumbprint) throws KeyFileException {
        if (jwk.get("kid") == null) {
            return thumbprint;
        }
        String id = jwk.string("kid");
        // The id is written into Signature-Input as an sf-string (RFC 8941 section 3.3.3).
        if (id == null
                || id.isEmpty()
                || id.length() > MAX_ID_CHARACTERS
                || !id.chars().allMatch(c -> c >= 0x20 && c < 0x7f && c != '"' && c != '\\')) {
            throw fault(
                    "kid must be 1 to " + MAX_ID_CHARACTERS + " printable ASCII characters without quote or backslash");
        }
        return id;
    }

    private static String quoted(@Nullable String text) {
        return text == null ? "absent" : Jcs.canonical(new JsonString(text));
    }

    KeyFileException fault(String message) {
        return new KeyFileException(file, position, message);
    }

    /** Never shows a secret. */
    @Override
    public String toString() {
        return file + ":" + position.line() + ":" + position.column();
    }
}
