package dev.errand.it;

import dev.errand.jose.TestCertificate;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.jspecify.annotations.Nullable;

/** TLS for gateways of a test, and clients that trust it and show a certificate of their own, or none. */
final class TestTls {
    private static final String PASSWORD = "changeit";

    private final Path store;
    private final KeyPair key;
    private final X509Certificate certificate;
    private final X509Certificate authority;

    /** @param directory where the server's key store is put */
    TestTls(Path directory) {
        this.key = TestKey.p256("server").pair();
        KeyPair signer = TestKey.p256("authority").pair();
        long now = System.currentTimeMillis();
        this.authority = new TestCertificate(now, signer.getPrivate()).ca(signer);
        this.certificate = new TestCertificate(now, signer.getPrivate())
                .address("127.0.0.1")
                .purpose(KeyPurposeId.id_kp_serverAuth)
                .leaf(key.getPublic());
        this.store = directory.resolve("server.p12");
        try (OutputStream out = Files.newOutputStream(store)) {
            store(key, certificate).store(out, PASSWORD.toCharArray());
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    RunningGateway.Builder on(RunningGateway.Builder gateway) {
        return gateway.property("server.ssl.key-store", store.toString())
                .property("server.ssl.key-store-password", PASSWORD);
    }

    /** TLS of the server itself, for one that is no gateway. */
    SSLContext server() {
        return context(keys(key, certificate));
    }

    /** Writes the certificate as PEM, which some clients take for its own authority. */
    Path certificate(Path file) {
        return pem(file, certificate);
    }

    /** Writes the certificate of the authority that has signed it. */
    Path authority(Path file) {
        return pem(file, authority);
    }

    private static Path pem(Path file, X509Certificate certificate) {
        try {
            return pem(file, "CERTIFICATE", certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new AssertionError(e);
        }
    }

    /** Writes the private key as PEM. */
    Path key(Path file) {
        return pem(file, "PRIVATE KEY", key.getPrivate().getEncoded());
    }

    private static Path pem(Path file, String what, byte[] der) {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        try {
            return Files.writeString(file, "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A client that shows no certificate. */
    HttpClient client() {
        return client(null, HttpClient.Version.HTTP_1_1);
    }

    /** A client that shows this certificate. */
    HttpClient client(KeyPair key, X509Certificate... chain) {
        return client(keys(key, chain), HttpClient.Version.HTTP_1_1);
    }

    /** A client that speaks HTTP/2 where the server does, and shows no certificate. */
    HttpClient http2() {
        return client(null, HttpClient.Version.HTTP_2);
    }

    /** The same, showing this certificate. */
    HttpClient http2(KeyPair key, X509Certificate... chain) {
        return client(keys(key, chain), HttpClient.Version.HTTP_2);
    }

    private HttpClient client(KeyManager @Nullable [] keys, HttpClient.Version version) {
        return HttpClient.newBuilder()
                .version(version)
                .sslContext(context(keys))
                .build();
    }

    private static KeyManager[] keys(KeyPair key, X509Certificate... chain) {
        try {
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store(key, chain), PASSWORD.toCharArray());
            return factory.getKeyManagers();
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** TLS of a client that trusts the server and shows no certificate. */
    SSLContext context() {
        return context(null);
    }

    private SSLContext context(KeyManager @Nullable [] keys) {
        try {
            KeyStore trusted = empty();
            trusted.setCertificateEntry("server", certificate);
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trust.getTrustManagers(), new SecureRandom());
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static KeyStore store(KeyPair key, X509Certificate... chain) throws IOException, GeneralSecurityException {
        KeyStore store = empty();
        store.setKeyEntry("key", key.getPrivate(), PASSWORD.toCharArray(), chain);
        return store;
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}
