package dev.errand.credential;

import dev.errand.upstream.OutgoingRequest;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Mutual TLS to the upstream. It writes no header. Connections to the upstream are made with its {@link #sslContext},
 * which is new after the files change.
 */
final class ClientCertificateCredential implements UpstreamCredential {
    private final WatchedFile<SslContext> files;
    private final AtomicReference<@Nullable Built> built = new AtomicReference<>();

    private record Built(List<byte[]> contents, SslContext context) {}

    /** @param pair the certificate and its key */
    ClientCertificateCredential(List<Path> pair, @Nullable Path authorities) {
        List<Path> files = new ArrayList<>(pair);
        if (authorities != null) {
            files.add(authorities);
        }
        this.files = new WatchedFile<>(files, this::build, System::nanoTime);
    }

    @Override
    public Mono<SslContext> sslContext() {
        return files.value();
    }

    private SslContext build(List<byte[]> contents) {
        Built before = built.get();
        if (before != null && same(before.contents(), contents)) {
            return before.context();
        }
        try {
            SslContextBuilder builder = SslContextBuilder.forClient()
                    .keyManager(new ByteArrayInputStream(contents.get(0)), new ByteArrayInputStream(contents.get(1)));
            if (contents.size() > 2) {
                builder.trustManager(new ByteArrayInputStream(contents.get(2)));
            }
            SslContext context = builder.build();
            built.set(new Built(contents, context));
            return context;
        } catch (SSLException | IllegalArgumentException e) {
            throw new IllegalArgumentException("not a PEM certificate with its PKCS#8 key, or no PEM authorities", e);
        }
    }

    private static boolean same(List<byte[]> one, List<byte[]> other) {
        return IntStream.range(0, one.size()).allMatch(i -> Arrays.equals(one.get(i), other.get(i)));
    }

    @Override
    public Set<String> headerNames() {
        return Set.of();
    }

    /** {@inheritDoc} Writes no header, but fails if there is no certificate to connect with. */
    @Override
    public Mono<Map<String, String>> headers(OutgoingRequest request) {
        return files.value().thenReturn(Map.of());
    }

    @Override
    public Optional<String> fault() {
        return files.fault();
    }
}
