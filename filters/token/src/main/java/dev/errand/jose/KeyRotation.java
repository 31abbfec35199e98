package dev.errand.jose;

import dev.errand.token.HolderKey;
import dev.errand.token.KeyUse;
import java.util.List;
import java.util.Optional;
import javax.crypto.SecretKey;

/** The keys in use; a new revision replaces all of them at once. Thread-safe; each call reads one revision. */
public final class KeyRotation implements SigningKeys {
    private volatile KeyRing keys;

    public KeyRotation(KeyRing first) {
        this.keys = first;
    }

    /** Replaces the keys. */
    public void swap(KeyRing next) {
        keys = next;
    }

    /** The revision in use. */
    public KeyRing revision() {
        return keys;
    }

    @Override
    public Optional<SigningKey> issuingKey() {
        return keys.issuingKey();
    }

    @Override
    public Optional<SigningKey> issuingKey(String id) {
        return keys.issuingKey(id);
    }

    @Override
    public SigningKey transactionKey() {
        return keys.transactionKey();
    }

    @Override
    public SigningKey messageKey() {
        return keys.messageKey();
    }

    @Override
    public SigningKey checkpointKey() {
        return keys.checkpointKey();
    }

    @Override
    public List<SecretKey> stateKeys() {
        return keys.stateKeys();
    }

    @Override
    public String publicJwks() {
        return keys.publicJwks();
    }

    @Override
    public List<HolderKey> verificationKeys(KeyUse use) {
        return keys.verificationKeys(use);
    }

    @Override
    public List<String> ids() {
        return keys.ids();
    }
}
