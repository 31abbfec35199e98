package dev.errand.jose;

import dev.errand.delegation.HolderKey;
import java.util.List;

/** The keys in use, swapped whole when a new revision was loaded. Thread-safe; each call reads one revision. */
public final class KeyRotation implements SigningKeys {
    private volatile SigningKeys keys;

    public KeyRotation(SigningKeys first) {
        this.keys = first;
    }

    /** Signs with the new revision from now on. */
    public void swap(SigningKeys next) {
        keys = next;
    }

    /** The revision in use. */
    public SigningKeys revision() {
        return keys;
    }

    @Override
    public SigningKey current() {
        return keys.current();
    }

    @Override
    public SigningKey checkpointKey() {
        return keys.checkpointKey();
    }

    @Override
    public String publicJwks() {
        return keys.publicJwks();
    }

    @Override
    public List<HolderKey> verificationKeys() {
        return keys.verificationKeys();
    }
}
