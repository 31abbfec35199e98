package dev.errand.jose;

import dev.errand.delegation.HolderKey;
import dev.errand.identity.KeyThumbprint;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The private JWKS on disk: read with every fault named, written with mode 0600. */
final class KeyFile {
    static final int MAX_BYTES = 64 * 1024;
    static final int MAX_KEYS = 16;
    private static final int MAX_ID_CHARACTERS = 128;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private final Path file;

    private KeyFile(Path file) {
        this.file = file;
    }

    static KeyRing load(Path file) throws KeyFileException {
        return new KeyFile(file).read();
    }

    static void createIfAbsent(Path file) throws KeyFileException {
        if (Files.exists(file)) {
            return;
        }
        try {
            Path directory = file.toAbsolutePath().getParent();
            if (directory != null) {
                Files.createDirectories(directory);
            }
            List<JsonValue> keys = List.of(KeyAlgorithm.ED25519.generate(), KeyAlgorithm.ES256.generate());
            byte[] text = (Jcs.canonical(new JsonObject(Map.of("keys", new JsonArray(keys)))) + "\n")
                    .getBytes(StandardCharsets.UTF_8);
            // The name appears with the whole content or not at all, also when two processes start at once.
            Path fresh = Files.createTempFile(directory, ".keys", ".new");
            try {
                if (isPosix(fresh)) {
                    Files.setPosixFilePermissions(fresh, OWNER_ONLY);
                }
                Files.write(fresh, text);
                Files.createLink(file, fresh);
            } catch (FileAlreadyExistsException anotherWasFirst) {
                return;
            } finally {
                Files.deleteIfExists(fresh);
            }
        } catch (IOException | UnsupportedOperationException e) {
            throw fault(
                    file,
                    "cannot be written (" + e.getClass().getSimpleName()
                            + "); make its directory writable, or write the keys yourself");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no Ed25519 or P-256 key generator", e);
        }
    }

    private KeyRing read() throws KeyFileException {
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
        List<SigningKeyPair> pairs = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < array.values().size(); i++) {
            SigningKeyPair pair = pair(array.values().get(i), positions.get(i));
            if (!ids.add(pair.id())) {
                throw new KeyFileException(
                        file, positions.get(i), "kid \"" + pair.id() + "\" is given twice; give each key its own");
            }
            pairs.add(pair);
        }
        if (pairs.stream().noneMatch(pair -> pair.algorithm().equals(KeyAlgorithm.ED25519.jws()))) {
            throw fault(
                    file,
                    "no Ed25519 key, which signs the log's checkpoints;"
                            + " add one {\"kty\": \"OKP\", \"crv\": \"Ed25519\", \"x\": …, \"d\": …}");
        }
        return new KeyRing(pairs);
    }

    private String text() throws KeyFileException {
        try {
            if (!Files.isRegularFile(file)) {
                throw fault(file, "no such file; write a private JWKS there, mode 0600, the same on every replica");
            }
            if (isPosix(file)) {
                Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
                if (!OWNER_ONLY.containsAll(mode)) {
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

    private SigningKeyPair pair(JsonValue value, KeyFilePosition position) throws KeyFileException {
        if (!(value instanceof JsonObject jwk)) {
            throw new KeyFileException(file, position, "not a JWK; each key is an object");
        }
        KeyAlgorithm algorithm = algorithm(jwk, position);
        byte[] x = coordinate(jwk, "x", position);
        byte[] y = algorithm == KeyAlgorithm.ES256 ? coordinate(jwk, "y", position) : x;
        if (jwk.get("d") == null) {
            throw new KeyFileException(file, position, "a public key cannot sign; add its private member \"d\"");
        }
        byte[] d = coordinate(jwk, "d", position);
        JsonObject members = algorithm.publicMembers(jwk);
        String thumbprint = KeyAlgorithm.thumbprint(members);
        String id = id(jwk, thumbprint, position);
        SigningKeyPair pair = null;
        try {
            HolderKey holder = new HolderKey(members, new KeyThumbprint(thumbprint), algorithm.publicKey(x, y));
            pair = new SigningKeyPair(id, algorithm, holder, algorithm.privateKey(d));
        } catch (GeneralSecurityException offTheCurve) {
            // judged below, together with halves of two keys
        }
        if (pair == null || !pair.isPair()) {
            throw new KeyFileException(
                    file, position, "\"d\" is not the private key of this public key; copy the whole JWK again");
        }
        return pair;
    }

    private KeyAlgorithm algorithm(JsonObject jwk, KeyFilePosition position) throws KeyFileException {
        String type = jwk.string("kty");
        String curve = jwk.string("crv");
        for (KeyAlgorithm candidate : KeyAlgorithm.values()) {
            if (candidate.keyType().equals(type) && candidate.curve().equals(curve)) {
                return agreed(jwk, candidate, position);
            }
        }
        throw new KeyFileException(
                file,
                position,
                "a key must be kty \"OKP\" with crv \"Ed25519\", or kty \"EC\" with crv \"P-256\"; was kty "
                        + quoted(type) + " with crv " + quoted(curve));
    }

    private KeyAlgorithm agreed(JsonObject jwk, KeyAlgorithm algorithm, KeyFilePosition position)
            throws KeyFileException {
        String alg = jwk.string("alg");
        boolean fits = alg == null
                || alg.equals(algorithm.jws())
                || (algorithm == KeyAlgorithm.ED25519 && alg.equals("EdDSA"));
        if (!fits) {
            throw new KeyFileException(
                    file, position, "alg " + quoted(alg) + " is not this key's; write \"" + algorithm.jws() + "\"");
        }
        String use = jwk.string("use");
        if (use != null && !use.equals("sig")) {
            throw new KeyFileException(file, position, "use " + quoted(use) + " forbids signing; write \"sig\"");
        }
        return algorithm;
    }

    private byte[] coordinate(JsonObject jwk, String name, KeyFilePosition position) throws KeyFileException {
        String text = jwk.string(name);
        try {
            byte[] bytes = text == null ? new byte[0] : Base64.getUrlDecoder().decode(text);
            if (bytes.length == 32) {
                return bytes;
            }
        } catch (IllegalArgumentException notBase64) {
            // the same fault as a wrong length
        }
        throw new KeyFileException(file, position, "\"" + name + "\" must be 32 bytes in base64url");
    }

    private String id(JsonObject jwk, String thumbprint, KeyFilePosition position) throws KeyFileException {
        if (jwk.get("kid") == null) {
            return thumbprint;
        }
        String id = jwk.string("kid");
        // It is written into Signature-Input, an sf-string (RFC 8941 section 3.3.3).
        if (id == null
                || id.isEmpty()
                || id.length() > MAX_ID_CHARACTERS
                || !id.chars().allMatch(c -> c >= 0x20 && c < 0x7f && c != '"' && c != '\\')) {
            throw new KeyFileException(
                    file,
                    position,
                    "kid must be 1 to " + MAX_ID_CHARACTERS + " printable ASCII characters without quote or backslash");
        }
        return id;
    }

    private static String quoted(@Nullable String text) {
        return text == null ? "absent" : Jcs.canonical(new JsonValue.JsonString(text));
    }

    private static boolean isPosix(Path path) throws IOException {
        return Files.getFileStore(path).supportsFileAttributeView("posix");
    }

    private static KeyFileException fault(Path file, String message) {
        return new KeyFileException(file, KeyFilePosition.START, message);
    }
}
