package dev.errand.log.proof;

import dev.errand.json.Json;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.KeyUse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** The Ed25519 keys whose signature on a checkpoint counts. Immutable. */
public final class CheckpointKeys {
    private static final byte[] SPKI_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private final List<byte[]> publicKeys;

    public CheckpointKeys(List<byte[]> publicKeys) {
        this.publicKeys = List.copyOf(publicKeys);
    }

    /**
     * Reads the Ed25519 keys (RFC 8037) of use {@code log} from a JWKS file and ignores private members. Fails if there
     * is no such key.
     */
    public static CheckpointKeys read(Path jwks) throws IOException {
        JsonValue set;
        try {
            set = Json.parse(Files.readAllBytes(jwks));
        } catch (Json.MalformedJsonException e) {
            throw new UnusableLogException(jwks + ": not a JWK set: " + e.getMessage());
        }
        List<byte[]> keys = new ArrayList<>();
        if (set instanceof JsonObject object && object.get("keys") instanceof JsonArray array) {
            for (JsonValue value : array.values()) {
                ed25519(value).ifPresent(keys::add);
            }
        }
        if (keys.isEmpty()) {
            throw new UnusableLogException(jwks + ": holds no Ed25519 key (kty OKP, crv Ed25519) of use log");
        }
        return new CheckpointKeys(keys);
    }

    private static Optional<byte[]> ed25519(JsonValue value) {
        if (!(value instanceof JsonObject jwk) || !"Ed25519".equals(jwk.string("crv")) || !KeyUse.LOG.permits(jwk)) {
            return Optional.empty();
        }
        String x = jwk.string("x");
        try {
            byte[] key = x == null ? new byte[0] : Base64.getUrlDecoder().decode(x);
            return key.length == 32 ? Optional.of(key) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * Verifies the note as the signed-note specification says. Signatures of unknown keys are ignored. There must be at
     * least one signature of a known key, and all signatures of known keys must be good.
     *
     * @return what is wrong, or empty
     */
    public Optional<String> verify(SignedNote note, String origin) {
        boolean signed = false;
        for (SignedNote.Signature signature : note.signatures()) {
            for (byte[] key : publicKeys) {
                if (signature.name().equals(origin) && signature.keyId() == SignedNote.keyId(origin, key)) {
                    if (!verify(key, note.text().getBytes(StandardCharsets.UTF_8), signature.value())) {
                        return Optional.of("the signature does not verify");
                    }
                    signed = true;
                }
            }
        }
        return signed ? Optional.empty() : Optional.of("not signed by any of the keys given");
    }

    /** Whether the signature (RFC 8032) of a message is that of the raw key. */
    static boolean verify(byte[] key, byte[] message, byte[] signature) {
        byte[] spki = Arrays.copyOf(SPKI_PREFIX, SPKI_PREFIX.length + key.length);
        System.arraycopy(key, 0, spki, SPKI_PREFIX.length, key.length);
        try {
            PublicKey publicKey = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(spki));
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(publicKey);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
