package dev.errand.agent.listen;

import dev.errand.holder.AgentException;
import dev.errand.holder.Der;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLException;

/**
 * The authority that signs the listeners' certificate. It is made for one run, in memory, and is valid for loopback
 * only (RFC 5280 section 4.2.1.10). Its key is dropped after it has signed.
 *
 * @param pem the authority's certificate
 * @param server the TLS settings of the listeners
 */
public record LoopbackAuthority(String pem, SslContext server) {
    private static final Duration LIFETIME = Duration.ofDays(30);
    private static final Duration SKEW = Duration.ofMinutes(5);
    private static final byte[] ECDSA_SHA256 = Der.sequence(Der.object("1.2.840.10045.4.3.2"));
    private static final byte[] AUTHORITY_NAME = name("Errand agent, loopback only");
    private static final byte[] SERVER_NAME = name("localhost");
    private static final byte[] LOOPBACK_4 = {127, 0, 0, 1};
    private static final byte[] LOOPBACK_6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

    /**
     * Makes an authority.
     *
     * @param further loopback addresses of listeners, beside 127.0.0.1 and ::1
     */
    public static LoopbackAuthority make(Instant now, Collection<InetAddress> further) {
        try {
            KeyPair authority = keys();
            KeyPair server = keys();
            X509Certificate ca =
                    sign(AUTHORITY_NAME, authority.getPublic(), authority, now, authorityExtensions(authority));
            X509Certificate leaf =
                    sign(SERVER_NAME, server.getPublic(), authority, now, serverExtensions(server, authority, further));
            SslContext context = SslContextBuilder.forServer(server.getPrivate(), leaf)
                    .sslProvider(SslProvider.JDK)
                    .build();
            String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(ca.getEncoded());
            return new LoopbackAuthority(
                    "-----BEGIN CERTIFICATE-----\n" + text + "\n-----END CERTIFICATE-----\n", context);
        } catch (GeneralSecurityException | SSLException e) {
            throw new AgentException("no certificate can be made: " + e.getMessage());
        }
    }

    private static KeyPair keys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static X509Certificate sign(
            byte[] subject, PublicKey key, KeyPair authority, Instant now, byte[] extensions)
            throws GeneralSecurityException {
        byte[] serial = new byte[16];
        new SecureRandom().nextBytes(serial);
        serial[0] = (byte) (serial[0] & 0x3f | 0x40);
        byte[] content = Der.sequence(
                Der.within(0, Der.integer(new byte[] {2})),
                Der.integer(serial),
                ECDSA_SHA256,
                AUTHORITY_NAME,
                Der.sequence(Der.time(now.minus(SKEW)), Der.time(now.plus(LIFETIME))),
                subject,
                key.getEncoded(),
                Der.within(3, extensions));
        byte[] certificate = Der.sequence(content, ECDSA_SHA256, Der.bits(signature(authority.getPrivate(), content)));
        return parse(certificate);
    }

    private static X509Certificate parse(byte[] certificate) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(certificate));
    }

    private static byte[] signature(PrivateKey key, byte[] content) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(key);
        signature.update(content);
        return signature.sign();
    }

    private static byte[] authorityExtensions(KeyPair authority) throws GeneralSecurityException {
        byte[] permitted = Der.within(
                0,
                Der.sequence(Der.context(2, "localhost".getBytes(StandardCharsets.US_ASCII))),
                Der.sequence(Der.context(7, concatenate(new byte[] {127, 0, 0, 0}, new byte[] {(byte) 255, 0, 0, 0}))),
                Der.sequence(Der.context(7, concatenate(LOOPBACK_6, ones(LOOPBACK_6.length)))));
        return Der.sequence(
                critical("2.5.29.19", Der.sequence(Der.yes(), Der.integer(new byte[] {0}))),
                critical("2.5.29.15", Der.flags(2, 0x04)),
                critical("2.5.29.30", Der.sequence(permitted)),
                extension("2.5.29.14", Der.octets(keyId(authority.getPublic()))));
    }

    private static byte[] serverExtensions(KeyPair server, KeyPair authority, Collection<InetAddress> further)
            throws GeneralSecurityException {
        List<byte[]> named = new ArrayList<>(List.of(
                Der.context(2, "localhost".getBytes(StandardCharsets.US_ASCII)),
                Der.context(7, LOOPBACK_4),
                Der.context(7, LOOPBACK_6)));
        further.forEach(address -> named.add(Der.context(7, address.getAddress())));
        byte[] names = Der.sequence(named.toArray(byte[][]::new));
        return Der.sequence(
                critical("2.5.29.19", Der.sequence()),
                critical("2.5.29.15", Der.flags(7, 0x80)),
                extension("2.5.29.37", Der.sequence(Der.object("1.3.6.1.5.5.7.3.1"))),
                extension("2.5.29.17", names),
                extension("2.5.29.14", Der.octets(keyId(server.getPublic()))),
                extension("2.5.29.35", Der.sequence(Der.context(0, keyId(authority.getPublic())))));
    }

    private static byte[] critical(String object, byte[] value) {
        return Der.sequence(Der.object(object), Der.yes(), Der.octets(value));
    }

    private static byte[] extension(String object, byte[] value) {
        return Der.sequence(Der.object(object), Der.octets(value));
    }

    /** The identifier of a key. Any value that only this key has is allowed (RFC 7093 section 2). */
    private static byte[] keyId(PublicKey key) throws GeneralSecurityException {
        return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()), 20);
    }

    private static byte[] name(String common) {
        return Der.sequence(Der.set(Der.sequence(Der.object("2.5.4.3"), Der.utf8(common))));
    }

    private static byte[] ones(int length) {
        byte[] ones = new byte[length];
        Arrays.fill(ones, (byte) 255);
        return ones;
    }

    private static byte[] concatenate(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
