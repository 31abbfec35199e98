package dev.errand.upstream.credential;

import dev.errand.upstream.OutgoingRequest;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Mutual TLS to the upstream: writes no header; its {@link #sslContext} is what connections to the upstream are made
 * with, anew when the files change.
 */
public final class ClientCertificateCredential implements UpstreamCredential {
    private final WatchedFile<SslContext> files;
    private final AtomicReference<@Nullable Built> built = new AtomicReference<>();

    @SuppressWarnings("ArrayRecordComponent") // compared below, element by element
    private record Built(byte[] certificate, byte[] key, SslContext context) {}

    ClientCertificateCredential(CredentialConfig.ClientCertificate config) {
        this.files = new WatchedFile<>(List.of(config.certificate(), config.key()), this::build, System::nanoTime);
    }

    /** The context for new connections; the same instance until the files change. */
    public Mono<SslContext> sslContext() {
        return files.value();
    }

    private SslContext build(List<byte[]> contents) {
        byte[] certificate = contents.get(0);
        byte[] key = contents.get(1);
        Built before = built.get();
        if (before != null && Arrays.equals(before.certificate(), certificate) && Arrays.equals(before.key(), key)) {
            return before.context();
        }
        try {
            SslContext context = SslContextBuilder.forClient()
                    .keyManager(new ByteArrayInputStream(certificate), new ByteArrayInputStream(key))
                    .build();
            built.set(new Built(certificate, key, context));
            return context;
        } catch (SSLException | IllegalArgumentException e) {
            throw new IllegalArgumentException("not a PEM certificate with its PKCS#8 key", e);
        }
    }

    @Override
    public Set<String> headerNames() {
        return Set.of();
    }

    /** No header, but fails if there is no certificate to connect with. */
    @Override
    public Mono<Map<String, String>> headers(OutgoingRequest request) {
        return files.value().thenReturn(Map.of());
    }

    @Override
    public Optional<String> fault() {
        return files.fault();
    }
}
