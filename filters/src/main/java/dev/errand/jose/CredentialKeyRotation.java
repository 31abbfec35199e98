package dev.errand.jose;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The keys of credentials in use, swapped whole on reload; none where none are configured. Thread-safe. */
public final class CredentialKeyRotation {
    private volatile @Nullable CredentialKeys keys;

    public CredentialKeyRotation(@Nullable CredentialKeys first) {
        this.keys = first;
    }

    /** Signs with these from now on. */
    public void swap(@Nullable CredentialKeys next) {
        keys = next;
    }

    /** The revision in use. */
    public Optional<CredentialKeys> current() {
        return Optional.ofNullable(keys);
    }

    /** The key that signs. */
    public Optional<SigningKey> signingKey() {
        return current().map(CredentialKeys::signingKey);
    }
}
