package dev.errand.jose;

import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.KeyThumbprint;
import dev.errand.token.KeyUse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.crypto.SecretKey;

/** Reads a private JWKS from a file. Every fault has its place and its fix. */
final class KeyFile {
    static final int MAX_BYTES = 64 * 1024;
    static final int MAX_KEYS = 16;
    static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> GROUP_READ = PosixFilePermissions.fromString("rw-r-----");

    /** A gateway needs a key of each of these uses. */
    private static final List<KeyUse> NEEDED = List.of(KeyUse.TXN, KeyUse.MESSAGE, KeyUse.LOG);

    private final Path file;
    private final List<SecretKey> secrets = new ArrayList<>();
    private final List<KeyFilePosition> places = new ArrayList<>();

    private KeyFile(Path file) {
        this.file = file;
    }

    static KeyRing load(Path file) throws KeyFileException {
        KeyFile read = new KeyFile(file);
        List<RingKey> keys = read.keys();
        for (KeyUse use : NEEDED) {
            read.requireSigning(use, keys, read.places);
        }
        return new KeyRing(keys, read.secrets);
    }

    /** The keys of {@code errand.credential-keys}: none may be a secret, and the first one must be private. */
    static CredentialKeys loadCredentials(Path file) throws KeyFileException {
        KeyFile read = new KeyFile(file);
        List<RingKey> keys = read.keys();
        if (!read.secrets.isEmpty() || keys.isEmpty()) {
            throw fault(
                    file, "a key of kty \"oct\" signs no credential; make one with: errand keys new FILE --credential");
        }
        if (keys.get(0).pair() == null) {
            throw new KeyFileException(
                    file,
                    read.places.get(0),
                    "the first key signs, and has no private part \"d\"; put the private key first");
        }
        return new CredentialKeys(keys);
    }

    private List<RingKey> keys() throws KeyFileException {
        List<RingKey> keys = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        Map<KeyThumbprint, String> idsByThumbprint = new HashMap<>();
        for (KeyFileEntry entry : entries()) {
            if (entry.isSecret()) {
                secrets.add(entry.secret());
                continue;
            }
            RingKey key = entry.key();
            if (!ids.add(key.id())) {
                throw entry.fault("kid \"" + key.id() + "\" is given twice; give each key its own");
            }
            String before = idsByThumbprint.putIfAbsent(key.publicKey().thumbprint(), key.id());
            if (before != null) {
                throw entry.fault("the key of kid " + Jcs.canonical(new JsonString(before)) + " is given again as kid "
                        + Jcs.canonical(new JsonString(key.id()))
                        + ": a use of its own needs a key of its own; make one with errand keys new FILE --use USE, or"
                        + " write all uses into the one errand_use");
            }
            keys.add(key);
            places.add(entry.position());
        }
        return keys;
    }

    private List<KeyFileEntry> entries() throws KeyFileException {
        String text = text();
        JsonValue keys;
        try {
            keys = Json.parseObject(text.getBytes(StandardCharsets.UTF_8)).get("keys");
        } catch (MalformedJsonException e) {
            throw new KeyFileException(
                    file,
                    KeyFilePosition.ofFault(text),
                    "not a JSON object without duplicate members; write {\"keys\": [ … ]} (RFC 7517 section 5)");
        }
        if (!(keys instanceof JsonArray array) || array.values().isEmpty()) {
            throw fault(file, "no keys; write {\"keys\": [ … ]} with at least one private Ed25519 JWK");
        }
        if (array.values().size() > MAX_KEYS) {
            throw fault(
                    file,
                    "at most " + MAX_KEYS + " keys, was " + array.values().size()
                            + "; remove those whose last token is gone");
        }
        List<KeyFilePosition> positions = KeyFilePosition.ofKeys(text);
        List<KeyFileEntry> entries = new ArrayList<>();
        for (int i = 0; i < array.values().size(); i++) {
            if (!(array.values().get(i) instanceof JsonObject jwk)) {
                throw new KeyFileException(file, positions.get(i), "not a JWK; each key is an object");
            }
            entries.add(new KeyFileEntry(file, positions.get(i), jwk));
        }
        return entries;
    }

    /**
     * Throws if no key signs for this use. The fault is placed at the first key of this use, or at the start if there
     * is none.
     */
    private void requireSigning(KeyUse use, List<RingKey> keys, List<KeyFilePosition> places) throws KeyFileException {
        KeyFilePosition place = null;
        for (int i = 0; i < keys.size(); i++) {
            if (keys.get(i).signsFor(use)) {
                return;
            }
            if (place == null && keys.get(i).uses().contains(use)) {
                place = places.get(i);
            }
        }
        String kind = use == KeyUse.LOG ? "private Ed25519 key" : "private key";
        throw new KeyFileException(
                file,
                place == null ? KeyFilePosition.START : place,
                "no " + kind + " of use \"" + use.wire() + "\", which signs " + use.signed()
                        + "; add one: errand keys new FILE --use " + use.wire() + " makes it");
    }

    private String text() throws KeyFileException {
        try {
            if (!Files.isRegularFile(file)) {
                throw fault(
                        file,
                        "no such file; make one with: errand keys new FILE, or copy that of another replica, mode"
                                + " 0600");
            }
            if (isPosix(file)) {
                Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
                if (!OWNER_ONLY.containsAll(mode) && !isMountedForGroup(file, mode)) {
                    throw fault(
                            file,
                            "private keys that others may touch (" + PosixFilePermissions.toString(mode)
                                    + "); run: chmod 600 " + file);
                }
            }
            if (Files.size(file) > MAX_BYTES) {
                throw fault(file, "a key file has at most " + MAX_BYTES + " bytes, has " + Files.size(file));
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw fault(file, "cannot be read as UTF-8 text (" + e.getClass().getSimpleName() + ")");
        }
    }

    /**
     * Whether the file is on a read-only mount, belongs to root, and only its group can read it. A cluster hands
     * secrets in this way to a program that does not run as root: nobody there can change the file, and the group is
     * the program's own.
     */
    private static boolean isMountedForGroup(Path file, Set<PosixFilePermission> mode) throws IOException {
        return GROUP_READ.containsAll(mode)
                && Objects.equals(Files.getAttribute(file, "unix:uid"), 0)
                && Files.getFileStore(file).isReadOnly();
    }

    static boolean isPosix(Path path) throws IOException {
        return Files.getFileStore(path).supportsFileAttributeView("posix");
    }

    static KeyFileException fault(Path file, String message) {
        return new KeyFileException(file, KeyFilePosition.START, message);
    }
}
