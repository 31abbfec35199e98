package dev.errand.jose;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.KeyThumbprint;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one revision of {@code errand.credential-keys}: the first signs credentials, and all are published. None
 * of them may be a key of {@code errand.keys}. Immutable and thread-safe.
 */
public final class CredentialKeys {
    private final List<RingKey> keys;
    private final SigningKey signing;
    private final String publicJwks;

    /** Keys that {@link KeyFile} has checked: the first one has its private half. */
    CredentialKeys(List<RingKey> keys) {
        this.keys = List.copyOf(keys);
        this.signing = Objects.requireNonNull(keys.get(0).pair());
        this.publicJwks = Jcs.canonical(new JsonObject(Map.of(
                "keys",
                new JsonArray(this.keys.stream()
                        .<JsonValue>map(RingKey::publishedPlain)
                        .toList()))));
    }

    /**
     * Loads a private JWKS as {@link KeyRing#load} does. A symmetric key ({@code oct}) in it is a fault. Reads a small
     * file, so not for an event loop.
     */
    public static CredentialKeys load(Path file) throws KeyFileException {
        return KeyFile.loadCredentials(file);
    }

    public SigningKey signingKey() {
        return signing;
    }

    /** The public halves as JSON, for verifiers of credentials. */
    public String publicJwks() {
        return publicJwks;
    }

    public List<String> algorithms() {
        return keys.stream().map(key -> key.algorithm().jws()).distinct().toList();
    }

    /** The ids of keys that are also in that ring. */
    public Set<String> sharedWith(KeyRing ring) {
        Set<KeyThumbprint> others = ring.thumbprints();
        return keys.stream()
                .filter(key -> others.contains(key.publicKey().thumbprint()))
                .map(RingKey::id)
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public String toString() {
        return keys.toString();
    }

    /** The keys in use; a reload replaces all of them at once. Thread-safe. */
    public static final class Rotation {
        private volatile @Nullable CredentialKeys keys;

        public Rotation(@Nullable CredentialKeys first) {
            this.keys = first;
        }

        /** Replaces the keys; null for none. */
        public void swap(@Nullable CredentialKeys next) {
            keys = next;
        }

        /** The revision in use. */
        public Optional<CredentialKeys> current() {
            return Optional.ofNullable(keys);
        }

        public Optional<SigningKey> signingKey() {
            return current().map(CredentialKeys::signingKey);
        }
    }
}
