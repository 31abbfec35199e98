package dev.errand.holder;

import dev.errand.jose.CryptoProvider;
import dev.errand.jose.KeyAlgorithm;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Base64Url;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Base64;

/** A holder's key: one private JWK, Ed25519 or P-256. Thread-safe; never prints its secret. */
public final class AgentKey {
    private final KeyAlgorithm algorithm;
    private final JsonObject publicJwk;
    private final PrivateKey privateKey;

    private AgentKey(KeyAlgorithm algorithm, JsonObject publicJwk, PrivateKey privateKey) {
        this.algorithm = algorithm;
        this.publicJwk = publicJwk;
        this.privateKey = privateKey;
    }

    /** A new Ed25519 key that is not stored. */
    public static AgentKey generate() {
        return generate(KeyAlgorithm.ED25519);
    }

    /** A new key that is not stored. */
    public static AgentKey generate(KeyAlgorithm algorithm) {
        try {
            return of(algorithm.generate());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The key of a private JWK. Throws an {@link AgentException} if it is not one. */
    public static AgentKey of(JsonObject jwk) {
        for (KeyAlgorithm candidate : KeyAlgorithm.values()) {
            if (candidate.keyType().equals(jwk.string("kty"))
                    && candidate.curve().equals(jwk.string("crv"))) {
                String d = jwk.string("d");
                try {
                    if (d != null) {
                        PrivateKey key =
                                candidate.privateKey(Base64.getUrlDecoder().decode(d));
                        return new AgentKey(candidate, candidate.publicMembers(jwk), key);
                    }
                } catch (GeneralSecurityException | IllegalArgumentException e) {
                    throw new AgentException("the key's \"d\" is no private key");
                }
            }
        }
        throw new AgentException("the key must be a private Ed25519 (OKP) or P-256 (EC) JWK");
    }

    public static AgentKey read(Path file) {
        try {
            return of(Json.parseObject(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new AgentException(file + ": cannot be read");
        } catch (MalformedJsonException e) {
            throw new AgentException(file + ": not one JWK");
        }
    }

    /** Reads the key in a file. If there is no file, writes a new key with mode 0600. */
    public static AgentKey readOrCreate(Path file) {
        if (Files.exists(file)) {
            return read(file);
        }
        try {
            JsonObject jwk = KeyAlgorithm.ED25519.generate();
            boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
            if (posix) {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            } else {
                Files.createFile(file);
            }
            Files.write(file, Jcs.canonicalBytes(jwk), StandardOpenOption.TRUNCATE_EXISTING);
            return of(jwk);
        } catch (IOException e) {
            throw new AgentException(file + ": cannot be written");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public JsonObject publicJwk() {
        return publicJwk;
    }

    /** The RFC 7638 thumbprint. */
    public String thumbprint() {
        return KeyAlgorithm.thumbprint(publicJwk);
    }

    /** The JWS algorithm. */
    public String algorithm() {
        return algorithm.jws();
    }

    /** Makes a compact JWS, signed with this key. */
    public String sign(JsonObject header, JsonObject payload) {
        return sign(Base64Url.encode(Jcs.canonicalBytes(header)) + "." + Base64Url.encode(Jcs.canonicalBytes(payload)));
    }

    /** A compact JWS of a signing input: header and payload, both in base64url, with a dot between. */
    public String sign(String input) {
        try {
            Signature signature = CryptoProvider.signature(algorithm.jca());
            signature.initSign(privateKey);
            signature.update(input.getBytes(StandardCharsets.US_ASCII));
            return input + "." + Base64Url.encode(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The private key, in the form that signs fastest here. */
    PrivateKey privateKey() {
        return privateKey;
    }

    @Override
    public String toString() {
        return algorithm.jws() + " key " + thumbprint();
    }
}
