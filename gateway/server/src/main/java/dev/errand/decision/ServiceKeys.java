package dev.errand.decision;

import dev.errand.autoconfigure.DecisionServiceProperties;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Certificate and key of the decision service, and the authorities of the gateways that may ask. Files that change are read again
 * within three seconds, for new connections; what cannot be read changes nothing. One thread of its own looks at them.
 */
final class ServiceKeys implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceKeys.class);

    private static final long LOOK_SECONDS = 1;

    private final Path certificate;
    private final Path key;
    private final Path clients;
    private final AdvancedTlsX509KeyManager own = new AdvancedTlsX509KeyManager();
    private final AdvancedTlsX509TrustManager gateways;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "errand-decision-tls");
        thread.setDaemon(true);
        return thread;
    });
    private volatile X509TrustManager today;
    private List<Object> read;
    private List<Object> seen;

    /** @param files finds the file that a {@code file:} value names */
    ServiceKeys(DecisionServiceProperties.Tls tls, Function<String, Path> files)
            throws IOException, GeneralSecurityException {
        certificate = files.apply(tls.certificate());
        key = files.apply(tls.key());
        clients = files.apply(tls.clients());
        gateways = AdvancedTlsX509TrustManager.newBuilder()
                .setVerification(AdvancedTlsX509TrustManager.Verification.CERTIFICATE_ONLY_VERIFICATION)
                .build();
        read = times();
        seen = read;
        load();
        timer.scheduleWithFixedDelay(this::look, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
    }

    private void load() throws IOException, GeneralSecurityException {
        own.updateIdentityCredentials(certificate.toFile(), key.toFile());
        gateways.updateTrustCredentials(clients.toFile());
        today = trusting(gateways.getAcceptedIssuers());
    }

    private List<Object> times() throws IOException {
        List<Object> times = new ArrayList<>();
        for (Path file : List.of(certificate, key, clients)) {
            times.add(Files.getLastModifiedTime(file));
        }
        return times;
    }

    /** Reads the files again if they have changed. One that has just changed may not be the last of them. */
    private void look() {
        try {
            List<Object> now = times();
            if (!now.equals(read) && now.equals(seen)) {
                load();
                read = now;
                LOG.info("decision service: certificate, key and authorities are read again");
            }
            seen = now;
        } catch (IOException | GeneralSecurityException | RuntimeException unreadable) {
            LOG.warn("errand.decision-service.tls cannot be read again: {}", unreadable.getMessage());
        }
    }

    /** Mutual TLS by the files as they are. */
    SslContext context() throws IOException {
        return GrpcSslContexts.configure(SslContextBuilder.forServer(own), SslProvider.JDK)
                .trustManager(gateways)
                .clientAuth(ClientAuth.REQUIRE)
                .build();
    }

    /** Whether the authorities as they are now vouch for a gateway's certificate. Asks nobody. */
    boolean isTrusted(X509Certificate[] chain) {
        try {
            today.checkClientTrusted(chain, "UNKNOWN");
            return true;
        } catch (CertificateException untrusted) {
            return false;
        }
    }

    private static X509TrustManager trusting(X509Certificate[] authorities)
            throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (X509Certificate authority : authorities) {
            store.setCertificateEntry(Integer.toString(store.size()), authority);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        return (X509TrustManager) trust.getTrustManagers()[0];
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
