package dev.errand.jose;

import dev.errand.delegation.HolderKey;
import java.util.List;

/** The gateway's own keys: the first signs, all verify. Replaced whole on reload; thread-safe. */
public interface SigningKeys {
    /** The key that signs now. */
    SigningKey current();

    /** The first Ed25519 key, which signs checkpoints. */
    SigningKey checkpointKey();

    /** The public halves of all keys, as they are served at {@code /.well-known/jwks.json}. */
    String publicJwks();

    /** The public halves as keys that verify our own root tokens. */
    List<HolderKey> verificationKeys();

    /** The {@code kid}s of all keys, that of the signing one first. */
    default List<String> ids() {
        return verificationKeys().stream()
                .map(key -> String.valueOf(key.jwk().string("kid")))
                .toList();
    }
}
