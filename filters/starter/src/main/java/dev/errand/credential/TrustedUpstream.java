package dev.errand.credential;

import dev.errand.upstream.CallTask;
import dev.errand.upstream.OutgoingRequest;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
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
 * A credential for an upstream whose certificate is signed by authorities of its own. Connections trust only these; a change of
 * their file is seen within a second. The headers are those of the wrapped credential. Thread-safe, never blocking.
 */
public final class TrustedUpstream implements UpstreamCredential {
    private final UpstreamCredential credential;
    private final WatchedFile<SslContext> trust;
    private final AtomicReference<@Nullable Built> built = new AtomicReference<>();

    private record Built(byte[] content, SslContext context) {}

    private TrustedUpstream(UpstreamCredential credential, Path authorities) {
        this.credential = credential;
        this.trust = new WatchedFile<>(List.of(authorities), this::build, System::nanoTime);
    }

    private TrustedUpstream(UpstreamCredential credential, WatchedFile<SslContext> trust) {
        this.credential = credential;
        this.trust = trust;
    }

    /**
     * Opens the credential of one upstream.
     *
     * @param kind the kind of credential; null for an upstream that wants none
     * @param authorities the PEM file of the authorities; null for those that Java trusts, and then {@code kind} is not null
     */
    public static UpstreamCredential open(
            @Nullable CredentialConfig kind, CredentialConfig.CredentialContext opening, @Nullable Path authorities) {
        if (authorities == null) {
            if (kind == null) {
                throw new IllegalArgumentException("neither a credential nor authorities");
            }
            return kind.open(opening);
        }
        if (kind instanceof ClientCertificateConfig certificate) {
            return new ClientCertificateCredential(certificate.files(opening), authorities);
        }
        return new TrustedUpstream(kind == null ? new NoCredential() : kind.open(opening), authorities);
    }

    /** TLS that trusts the certificates of a file. An {@link IllegalArgumentException} if the file has none. */
    public static SslContext believing(byte[] pem) {
        try {
            return SslContextBuilder.forClient()
                    .trustManager(new ByteArrayInputStream(pem))
                    .build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new IllegalArgumentException("holds no PEM certificates of authorities", e);
        }
    }

    private SslContext build(List<byte[]> contents) {
        Built before = built.get();
        if (before != null && Arrays.equals(before.content(), contents.get(0))) {
            return before.context();
        }
        SslContext context = believing(contents.get(0));
        built.set(new Built(contents.get(0), context));
        return context;
    }

    @Override
    public Mono<SslContext> sslContext() {
        return trust.value();
    }

    @Override
    public UpstreamCredential itself() {
        return credential.itself();
    }

    @Override
    public boolean isPerTask() {
        return credential.isPerTask();
    }

    @Override
    public UpstreamCredential of(CallTask task) {
        return new TrustedUpstream(credential.of(task), trust);
    }

    @Override
    public void done() {
        credential.done();
    }

    @Override
    public boolean writesLines() {
        return credential.writesLines();
    }

    @Override
    public Set<String> headerNames() {
        return credential.headerNames();
    }

    @Override
    public Mono<Map<String, String>> headers(OutgoingRequest request) {
        return credential.headers(request);
    }

    @Override
    public Set<String> secretNames() {
        return credential.secretNames();
    }

    @Override
    public List<String> secrets(String value) {
        return credential.secrets(value);
    }

    @Override
    public boolean isRenewable() {
        return credential.isRenewable();
    }

    @Override
    public Mono<Map<String, String>> renewed(Map<String, String> sent) {
        return credential.renewed(sent);
    }

    @Override
    public boolean readsFields() {
        return credential.readsFields();
    }

    @Override
    public Optional<String> fault() {
        return credential.fault().or(trust::fault);
    }

    /** An upstream that asks for nothing. */
    private record NoCredential() implements UpstreamCredential {
        @Override
        public Set<String> headerNames() {
            return Set.of();
        }

        @Override
        public Mono<Map<String, String>> headers(OutgoingRequest request) {
            return Mono.just(Map.of());
        }

        @Override
        public Optional<String> fault() {
            return Optional.empty();
        }
    }
}
