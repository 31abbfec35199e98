package dev.errand.jose;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.HolderKey;
import dev.errand.token.KeyThumbprint;
import dev.errand.token.KeyUse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one revision of the key file ({@code errand.keys}). The first private key of a use signs for it; all keys
 * of a use verify. Immutable and thread-safe. A changed file is loaded again, and the new ring is swapped in through
 * {@link KeyRotation}.
 */
public final class KeyRing implements SigningKeys {
    private final List<RingKey> keys;
    private final List<SecretKey> stateKeys;
    private final @Nullable SigningKey issuingKey;
    private final SigningKey transactionKey;
    private final SigningKey messageKey;
    private final SigningKey checkpointKey;
    private final Map<KeyUse, List<HolderKey>> verificationKeys = new EnumMap<>(KeyUse.class);
    private final String publicJwks;

    /**
     * Keys that {@link KeyFile} has checked: at least one signs for each use except {@code issue}; no id occurs twice.
     */
    KeyRing(List<RingKey> keys, List<SecretKey> stateKeys) {
        this.keys = List.copyOf(keys);
        this.stateKeys = List.copyOf(stateKeys);
        this.issuingKey = first(KeyUse.ISSUE).orElse(null);
        this.transactionKey = first(KeyUse.TXN).orElseThrow();
        this.messageKey = first(KeyUse.MESSAGE).orElseThrow();
        this.checkpointKey = first(KeyUse.LOG).orElseThrow();
        for (KeyUse use : KeyUse.values()) {
            verificationKeys.put(
                    use,
                    this.keys.stream()
                            .filter(key -> key.uses().contains(use))
                            .map(RingKey::publicKey)
                            .toList());
        }
        this.publicJwks = Jcs.canonical(new JsonObject(Map.of(
                "keys",
                new JsonArray(
                        this.keys.stream().<JsonValue>map(RingKey::published).toList()))));
    }

    /**
     * Loads a private JWKS: Ed25519 ({@code OKP}), P-256 ({@code EC}) and {@code state} ({@code oct}) keys, mode 0600
     * if the file system has modes. Reads a small file, so not for an event loop.
     */
    public static KeyRing load(Path file) throws KeyFileException {
        return KeyFile.load(file);
    }

    /** Writes the keys of a first start, with mode 0600, if there is no file; then loads the file. */
    public static KeyRing createIfAbsent(Path file) throws KeyFileException {
        if (!Files.exists(file)) {
            NewKeyFile.ofFirstStart().write(file);
        }
        return KeyFile.load(file);
    }

    private Optional<SigningKeyPair> first(KeyUse use) {
        return keys.stream()
                .filter(key -> key.signsFor(use))
                .flatMap(key -> Stream.ofNullable(key.pair()))
                .findFirst();
    }

    @Override
    public Optional<SigningKey> issuingKey() {
        return Optional.ofNullable(issuingKey);
    }

    @Override
    public Optional<SigningKey> issuingKey(String id) {
        return keys.stream()
                .filter(key -> key.id().equals(id) && key.signsFor(KeyUse.ISSUE))
                .flatMap(key -> Stream.<SigningKey>ofNullable(key.pair()))
                .findFirst();
    }

    @Override
    public SigningKey transactionKey() {
        return transactionKey;
    }

    @Override
    public SigningKey messageKey() {
        return messageKey;
    }

    @Override
    public SigningKey checkpointKey() {
        return checkpointKey;
    }

    @Override
    public List<SecretKey> stateKeys() {
        return stateKeys;
    }

    @Override
    public String publicJwks() {
        return publicJwks;
    }

    @Override
    public List<HolderKey> verificationKeys(KeyUse use) {
        return verificationKeys.getOrDefault(use, List.of());
    }

    @Override
    public List<String> ids() {
        return keys.stream().map(RingKey::id).toList();
    }

    Set<KeyThumbprint> thumbprints() {
        return keys.stream().map(key -> key.publicKey().thumbprint()).collect(Collectors.toUnmodifiableSet());
    }

    /** Whether the other revision has the same published keys, signing keys and secrets. */
    public boolean isSameAs(KeyRing other) {
        return publicJwks.equals(other.publicJwks)
                && signing().equals(other.signing())
                && stateKeys.equals(other.stateKeys);
    }

    private List<Boolean> signing() {
        return keys.stream().map(key -> key.pair() != null).toList();
    }

    @Override
    public String toString() {
        return keys.toString();
    }
}
