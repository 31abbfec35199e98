package dev.errand.agent;

import dev.errand.holder.AgentException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The authorities that the companion trusts: the JVM's, and those in the files that {@code SSL_CERT_FILE} and
 * {@code ERRAND_CA} name.
 */
final class ClientTrust {
    private static final List<String> FILES = List.of("SSL_CERT_FILE", "ERRAND_CA");

    private ClientTrust() {}

    /** The TLS settings of a client. */
    public static SslContext context(Map<String, String> environment) {
        try {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            int count = 0;
            for (Certificate authority : authorities(environment)) {
                trusted.setCertificateEntry("ca-" + count++, authority);
            }
            TrustManagerFactory factory = factory(trusted);
            return SslContextBuilder.forClient()
                    .sslProvider(SslProvider.JDK)
                    .trustManager(factory)
                    .build();
        } catch (GeneralSecurityException | IOException e) {
            throw new AgentException("TLS cannot be set up: " + e.getMessage());
        }
    }

    private static List<Certificate> authorities(Map<String, String> environment)
            throws GeneralSecurityException, IOException {
        List<Certificate> all = new ArrayList<>(ofTheJvm());
        for (String name : FILES) {
            String file = environment.get(name);
            if (file != null && Files.isRegularFile(Path.of(file))) {
                try (InputStream in = Files.newInputStream(Path.of(file))) {
                    all.addAll(CertificateFactory.getInstance("X.509").generateCertificates(in));
                }
            }
        }
        return all;
    }

    /** The authorities that the JVM trusts. */
    public static List<X509Certificate> ofTheJvm() throws GeneralSecurityException {
        List<X509Certificate> all = new ArrayList<>();
        for (TrustManager manager : factory(null).getTrustManagers()) {
            if (manager instanceof X509TrustManager x509) {
                all.addAll(List.of(x509.getAcceptedIssuers()));
            }
        }
        return all;
    }

    private static TrustManagerFactory factory(@Nullable KeyStore trusted) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        return factory;
    }
}
