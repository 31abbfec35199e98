package dev.errand.jose;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.Base64Url;
import dev.errand.token.KeyUse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A private JWK Set of new keys that is not written yet. Immutable; never prints a secret. */
public final class NewKeyFile {
    private final List<JsonObject> keys;

    private NewKeyFile(List<JsonObject> keys) {
        this.keys = List.copyOf(keys);
    }

    /** The keys of a first start: an Ed25519 key and an ES256 key, both for every use, and a {@code state} key. */
    static NewKeyFile ofFirstStart() {
        return new NewKeyFile(
                List.of(pair(KeyAlgorithm.ED25519), pair(KeyAlgorithm.ES256), used(secret(), KeyUse.STATE)));
    }

    /**
     * One separate key for each use.
     *
     * @param algorithm of the signing keys; the key of use {@code log} is always Ed25519
     */
    public static NewKeyFile of(Set<KeyUse> uses, KeyAlgorithm algorithm) {
        List<JsonObject> keys = new ArrayList<>();
        for (KeyUse use : KeyUse.values()) {
            if (uses.contains(use)) {
                JsonObject key =
                        use == KeyUse.STATE ? secret() : pair(use == KeyUse.LOG ? KeyAlgorithm.ED25519 : algorithm);
                keys.add(used(key, use));
            }
        }
        return new NewKeyFile(keys);
    }

    /** One ES256 key for credentials. It is not a key of the gateway itself, so it names no use. */
    public static NewKeyFile ofCredentials() {
        return new NewKeyFile(List.of(pair(KeyAlgorithm.ES256)));
    }

    /**
     * Writes the file, with mode 0600 if the file system has modes, and the directories above it.
     *
     * @return false if the file exists already; it is not changed
     */
    public boolean write(Path file) throws KeyFileException {
        try {
            Path directory = file.toAbsolutePath().getParent();
            if (directory != null) {
                Files.createDirectories(directory);
            }
            // The file appears with its whole content or not at all, even if two processes start at once.
            Path fresh = Files.createTempFile(directory, ".keys", ".new");
            try {
                if (KeyFile.isPosix(fresh)) {
                    Files.setPosixFilePermissions(fresh, KeyFile.OWNER_ONLY);
                }
                Files.write(fresh, text());
                Files.createLink(file, fresh);
                return true;
            } catch (FileAlreadyExistsException anotherWasFirst) {
                return false;
            } finally {
                Files.deleteIfExists(fresh);
            }
        } catch (IOException | UnsupportedOperationException e) {
            throw KeyFile.fault(
                    file,
                    "cannot be written (" + e.getClass().getSimpleName()
                            + "); make its directory writable, or write the keys yourself");
        }
    }

    private byte[] text() {
        JsonObject set = new JsonObject(Map.of("keys", new JsonArray(List.copyOf(keys))));
        return (Jcs.canonical(set) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** One line for each key, without its secret: what it is for, its algorithm and its {@code kid}. */
    public List<String> lines() {
        return keys.stream().map(NewKeyFile::line).toList();
    }

    private static String line(JsonObject key) {
        String use = key.get(KeyUse.MEMBER) instanceof JsonArray list
                        && list.values().get(0) instanceof JsonString word
                ? word.value()
                : "credential";
        for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
            if (algorithm.keyType().equals(key.string("kty"))) {
                return use + " " + algorithm.jws() + " " + KeyAlgorithm.thumbprint(algorithm.publicMembers(key));
            }
        }
        return use + " secret";
    }

    private static JsonObject pair(KeyAlgorithm algorithm) {
        try {
            return algorithm.generate();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no Ed25519 or P-256 key generator", e);
        }
    }

    private static JsonObject secret() {
        byte[] bytes = new byte[KeyFileEntry.SECRET_BYTES];
        new SecureRandom().nextBytes(bytes);
        return new JsonObject(
                Map.of("kty", new JsonString(KeyFileEntry.SECRET_TYPE), "k", new JsonString(Base64Url.encode(bytes))));
    }

    private static JsonObject used(JsonObject key, KeyUse use) {
        Map<String, JsonValue> members = new LinkedHashMap<>(key.members());
        members.put(KeyUse.MEMBER, new JsonArray(List.of(new JsonString(use.wire()))));
        return new JsonObject(members);
    }
}
