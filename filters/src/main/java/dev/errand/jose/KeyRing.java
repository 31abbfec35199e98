package dev.errand.jose;

import dev.errand.delegation.HolderKey;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The keys of one revision of the private key file ({@code errand.keys}): the first signs, all verify, the first
 * Ed25519 key signs checkpoints. Immutable and thread-safe; a changed file is loaded anew and swapped in through
 * {@link KeyRotation}.
 */
public final class KeyRing implements SigningKeys {
    private final List<SigningKeyPair> keys;
    private final SigningKeyPair checkpointKey;
    private final List<HolderKey> verificationKeys;
    private final String publicJwks;

    /** Keys that {@link KeyFile} has judged: at least one, one of them Ed25519, no id twice. */
    KeyRing(List<SigningKeyPair> keys) {
        this.keys = List.copyOf(keys);
        this.checkpointKey = this.keys.stream()
                .filter(key -> key.algorithm().equals(KeyAlgorithm.ED25519.jws()))
                .findFirst()
                .orElseThrow();
        this.verificationKeys = this.keys.stream().map(KeyRing::named).toList();
        this.publicJwks = publicJwks(this.keys);
    }

    /**
     * Loads a private JWKS: Ed25519 ({@code OKP}) and P-256 ({@code EC}) keys, mode 0600 where the file system has
     * modes. Blocks for one small read; not for an event loop.
     */
    public static KeyRing load(Path file) throws KeyFileException {
        return KeyFile.load(file);
    }

    /** Writes a new Ed25519 and a new ES256 key, mode 0600, unless the file is there; then loads it. */
    public static KeyRing createIfAbsent(Path file) throws KeyFileException {
        KeyFile.createIfAbsent(file);
        return KeyFile.load(file);
    }

    @Override
    public SigningKey current() {
        return keys.get(0);
    }

    @Override
    public SigningKey checkpointKey() {
        return checkpointKey;
    }

    @Override
    public String publicJwks() {
        return publicJwks;
    }

    @Override
    public List<HolderKey> verificationKeys() {
        return verificationKeys;
    }

    @Override
    public String toString() {
        return keys.toString();
    }

    /** The public key with its id, so that a token's {@code kid} can be held to it. */
    private static HolderKey named(SigningKeyPair key) {
        HolderKey plain = key.publicKey();
        Map<String, JsonValue> jwk = new LinkedHashMap<>(plain.jwk().members());
        jwk.put("kid", new JsonString(key.id()));
        return new HolderKey(new JsonObject(jwk), plain.thumbprint(), plain.key());
    }

    private static String publicJwks(List<SigningKeyPair> keys) {
        List<JsonValue> jwks = new ArrayList<>();
        for (SigningKeyPair key : keys) {
            Map<String, JsonValue> jwk = new LinkedHashMap<>(named(key).jwk().members());
            jwk.put("alg", new JsonString(key.algorithm()));
            jwk.put("use", new JsonString("sig"));
            jwks.add(new JsonObject(jwk));
        }
        return Jcs.canonical(new JsonObject(Map.of("keys", new JsonArray(jwks))));
    }
}
