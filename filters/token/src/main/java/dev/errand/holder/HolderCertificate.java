package dev.errand.holder;

import dev.errand.jose.PublicJwk;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;

/**
 * A self-signed certificate (RFC 5280) of a holder's key, with the key. A client that shows it in TLS proves that it holds the key,
 * and needs no proof on each call. The gateway compares the key alone: nobody has to trust the certificate. Thread-safe.
 */
public final class HolderCertificate {
    private static final byte[] NAME =
            Der.sequence(Der.set(Der.sequence(Der.object("2.5.4.3"), Der.utf8("Errand task"))));
    private static final byte[] ECDSA_SHA256 = Der.sequence(Der.object("1.2.840.10045.4.3.2"));
    private static final byte[] ED25519 = Der.sequence(Der.object("1.3.101.112"));
    private static final byte[] P256 = Der.sequence(Der.object("1.2.840.10045.2.1"), Der.object("1.2.840.10045.3.1.7"));
    private static final int COORDINATE = 32;

    private HolderCertificate() {}

    /**
     * Writes a certificate that is good as long as the token, and then its key, to one file: PEM (RFC 7468), mode 0600. A file
     * that is there is replaced as a whole.
     *
     * @param key the key of the token's holder
     * @throws AgentException if the token is bound to another key, or the file cannot be written
     */
    public static void write(Path file, AgentKey key, String token) {
        JsonObject claims = Proofs.payload(token);
        JsonObject holder = claims.object("cnf");
        JsonObject jwk = holder == null ? null : holder.object("jwk");
        PublicKey bound =
                jwk == null ? null : PublicJwk.parse(jwk).map(PublicJwk::key).orElse(null);
        PublicKey own = PublicJwk.parse(key.publicJwk()).orElseThrow().key();
        if (bound == null || !Arrays.equals(bound.getEncoded(), own.getEncoded())) {
            throw new AgentException("the token is bound to another key: give the key of the token's holder");
        }
        try {
            byte[] certificate = certificate(key, own, time(claims, "iat"), time(claims, "exp"));
            put(file, pem("CERTIFICATE", certificate) + pem("PRIVATE KEY", encoded(key.privateKey(), own)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Instant time(JsonObject claims, String name) {
        JsonValue value = claims.get(name);
        if (!(value instanceof JsonNumber number) || !number.isLong()) {
            throw new AgentException("the token has no " + name);
        }
        return Instant.ofEpochSecond(number.asLong());
    }

    private static byte[] certificate(AgentKey key, PublicKey own, Instant from, Instant until)
            throws GeneralSecurityException {
        byte[] serial = new byte[16];
        new SecureRandom().nextBytes(serial);
        serial[0] = (byte) (serial[0] & 0x3f | 0x40);
        boolean elliptic = own instanceof ECPublicKey;
        byte[] algorithm = elliptic ? ECDSA_SHA256 : ED25519;
        byte[] extensions = Der.sequence(
                critical("2.5.29.19", Der.sequence()),
                critical("2.5.29.15", Der.flags(7, 0x80)),
                Der.sequence(Der.object("2.5.29.37"), Der.octets(Der.sequence(Der.object("1.3.6.1.5.5.7.3.2")))));
        byte[] content = Der.sequence(
                Der.within(0, Der.integer(new byte[] {2})),
                Der.integer(serial),
                algorithm,
                NAME,
                Der.sequence(Der.time(from), Der.time(until)),
                NAME,
                own.getEncoded(),
                Der.within(3, extensions));
        String name = elliptic ? "SHA256withECDSA" : "Ed25519";
        Signature signature = Signature.getInstance(name);
        signature.initSign(KeyFactory.getInstance(elliptic ? "EC" : "Ed25519")
                .generatePrivate(new PKCS8EncodedKeySpec(encoded(key.privateKey(), own))));
        signature.update(content);
        return Der.sequence(content, algorithm, Der.bits(signature.sign()));
    }

    private static byte[] critical(String object, byte[] value) {
        return Der.sequence(Der.object(object), Der.yes(), Der.octets(value));
    }

    /** The key in PKCS #8. That of a curve has its public point too, which some libraries of TLS demand (RFC 5915). */
    private static byte[] encoded(PrivateKey key, PublicKey own) {
        if (!(key instanceof ECPrivateKey elliptic) || !(own instanceof ECPublicKey)) {
            return key.getEncoded();
        }
        byte[] info = own.getEncoded();
        byte[] point = Arrays.copyOfRange(info, info.length - 2 * COORDINATE - 1, info.length);
        byte[] number = elliptic.getS().toByteArray();
        byte[] secret = new byte[COORDINATE];
        int length = Math.min(number.length, COORDINATE);
        System.arraycopy(number, number.length - length, secret, COORDINATE - length, length);
        return Der.sequence(
                Der.integer(new byte[1]),
                P256,
                Der.octets(
                        Der.sequence(Der.integer(new byte[] {1}), Der.octets(secret), Der.within(1, Der.bits(point)))));
    }

    private static String pem(String what, byte[] der) {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n";
    }

    private static void put(Path file, String text) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
            FileAttribute<?>[] secret = posix
                    ? new FileAttribute<?>[] {
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                    }
                    : new FileAttribute<?>[0];
            Path written = Files.createTempFile(folder, ".certificate-", null, secret);
            try {
                Files.writeString(written, text, StandardCharsets.US_ASCII);
                Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(written);
            }
        } catch (IOException e) {
            throw new AgentException(file + ": cannot be written ("
                    + e.getClass().getSimpleName() + "); its folder must exist and be writable");
        }
    }
}
