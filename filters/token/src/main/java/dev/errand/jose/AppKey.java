package dev.errand.jose;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The RSA key of an App at a code host, and the JWTs (RFC 7519, RS256) by which the App calls the host. Immutable and thread-safe;
 * prints no key.
 */
public final class AppKey {
    private static final int LEAST_BITS = 2048;
    private static final long AHEAD_SECONDS = 60;
    private static final long LIFETIME_SECONDS = 540;
    private static final Pattern PEM = Pattern.compile(
            "-----BEGIN (RSA )?PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END (?:RSA )?PRIVATE KEY-----\\s*");

    /** The version and the algorithm that PKCS #8 (RFC 5208) writes before an RSA key. */
    private static final byte[] RSA = HexFormat.of().parseHex("020100300d06092a864886f70d0101010500");

    private final PrivateKey key;

    private AppKey(PrivateKey key) {
        this.key = key;
    }

    /**
     * Reads a key in PEM: {@code RSA PRIVATE KEY} (PKCS #1), as GitHub gives it, or {@code PRIVATE KEY} (PKCS #8).
     *
     * @throws IllegalArgumentException if it is no such key or has fewer than 2,048 bits; the message has nothing of the key
     */
    public static AppKey parse(byte[] pem) {
        Matcher found = PEM.matcher(new String(pem, StandardCharsets.ISO_8859_1).strip());
        if (!found.matches()) {
            throw new IllegalArgumentException("holds no RSA private key in PEM");
        }
        try {
            byte[] der = Base64.getMimeDecoder().decode(found.group(2));
            byte[] pkcs8 = found.group(1) == null ? der : element(0x30, join(RSA, element(0x04, der)));
            PrivateKey key = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            if (key instanceof RSAPrivateKey rsa && rsa.getModulus().bitLength() >= LEAST_BITS) {
                return new AppKey(key);
            }
            throw new IllegalArgumentException("holds an RSA key of fewer than " + LEAST_BITS + " bits");
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("holds no RSA private key in PEM", e);
        }
    }

    /** An element of DER (X.690) of more than 127 bytes. */
    private static byte[] element(int tag, byte[] content) {
        byte[] head = {(byte) tag, (byte) 0x82, (byte) (content.length >> 8), (byte) content.length};
        return join(head, content);
    }

    private static byte[] join(byte[] first, byte[] second) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        joined.writeBytes(first);
        joined.writeBytes(second);
        return joined.toByteArray();
    }

    /**
     * A JWT for nine minutes. It is dated a minute back, since the clock of the host may be behind.
     *
     * @param issuer the App's id
     */
    public String jwt(String issuer, Instant now) {
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                        .type(JOSEObjectType.JWT)
                        .build(),
                new JWTClaimsSet.Builder()
                        .issuer(issuer)
                        .issueTime(Date.from(now.minusSeconds(AHEAD_SECONDS)))
                        .expirationTime(Date.from(now.plusSeconds(LIFETIME_SECONDS)))
                        .build());
        try {
            jwt.sign(new RSASSASigner(key));
        } catch (JOSEException e) {
            throw new IllegalStateException("a key that was read does not sign", e);
        }
        return jwt.serialize();
    }

    @Override
    public String toString() {
        return "***";
    }
}
