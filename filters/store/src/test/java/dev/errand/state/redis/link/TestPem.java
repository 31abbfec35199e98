package dev.errand.state.redis.link;

import dev.errand.jose.TestCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/** A server's certificate that its own key signed, and that key, as the files that a server and its clients read. */
public record TestPem(Path certificate, Path key, SSLContext serving) {
    private static final char[] PASSWORD = "changeit".toCharArray();

    /** @param san the subject's alternative name, such as {@code ip:127.0.0.1} or {@code dns:localhost} */
    public static TestPem make(Path directory, String name, String san) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair key = generator.generateKeyPair();
        TestCertificate form = new TestCertificate(System.currentTimeMillis(), key.getPrivate())
                .purpose(KeyPurposeId.id_kp_serverAuth);
        X509Certificate certificate = (san.startsWith("ip:")
                        ? form.address(san.substring("ip:".length()))
                        : form.dns(san.substring("dns:".length())))
                .leaf(key.getPublic());
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry(name, key.getPrivate(), PASSWORD, new Certificate[] {certificate});
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD);
        SSLContext serving = SSLContext.getInstance("TLS");
        serving.init(managers.getKeyManagers(), null, null);
        return new TestPem(
                pem(directory.resolve(name + ".crt"), "CERTIFICATE", certificate.getEncoded()),
                pem(
                        directory.resolve(name + ".key"),
                        "PRIVATE KEY",
                        key.getPrivate().getEncoded()),
                serving);
    }

    private static Path pem(Path file, String label, byte[] der) throws Exception {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return Files.writeString(file, "-----BEGIN " + label + "-----\n" + text + "\n-----END " + label + "-----\n");
    }
}
