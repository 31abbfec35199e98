package dev.errand.jose;

import dev.errand.token.HolderKey;
import dev.errand.token.KeyUse;
import java.util.List;
import java.util.Optional;
import javax.crypto.SecretKey;

/** The gateway's own keys, each with its uses ({@link KeyUse}). A reload replaces all of them at once; thread-safe. */
public interface SigningKeys {
    /** The key that signs root tokens; empty if this replica starts no tasks. */
    Optional<SigningKey> issuingKey();

    /** The private key of use {@code issue} with that id, even if another key signs now. */
    Optional<SigningKey> issuingKey(String id);

    /** The key that signs transaction tokens. */
    SigningKey transactionKey();

    /** The key that signs requests to upstreams and events to receivers. */
    SigningKey messageKey();

    /** The Ed25519 key that signs checkpoints. */
    SigningKey checkpointKey();

    /** The secrets of use {@code state}, 32 bytes each. Writing uses the first one, reading uses all of them. */
    List<SecretKey> stateKeys();

    /** The public halves of all keys, as they are served at {@code /.well-known/jwks.json}. */
    String publicJwks();

    /** The public keys that verify signatures for this use; none for {@link KeyUse#STATE}. */
    List<HolderKey> verificationKeys(KeyUse use);

    /** The {@code kid}s of all published keys, in the order of the file. */
    List<String> ids();
}
