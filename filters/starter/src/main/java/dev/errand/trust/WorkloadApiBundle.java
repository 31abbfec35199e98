package dev.errand.trust;

import dev.errand.jose.PublicJwk;
import io.spiffe.bundle.jwtbundle.JwtBundle;
import io.spiffe.bundle.jwtbundle.JwtBundleSet;
import io.spiffe.bundle.x509bundle.X509Bundle;
import io.spiffe.bundle.x509bundle.X509BundleSet;
import io.spiffe.exception.SocketEndpointAddressException;
import io.spiffe.spiffeid.TrustDomain;
import io.spiffe.workloadapi.DefaultWorkloadApiClient;
import io.spiffe.workloadapi.WorkloadApiClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * A trust domain's bundle from the SPIFFE Workload API (SPIFFE Workload API, sections 5.2.2 and 6.2.2). It is asked for
 * at the policy's intervals, so that it is noticed when the Workload API is gone. Needs the optional {@code java-spiffe-core} and
 * its transport. Thread-safe; the calls block only threads of their own.
 */
public final class WorkloadApiBundle implements LiveDocument<TrustBundle> {
    /** The bundle is asked for every ten seconds. After an hour without an answer no SVID is accepted any more. */
    public static final RefreshPolicy POLICY = new RefreshPolicy(
            Duration.ofSeconds(10), Duration.ofSeconds(5), Duration.ofHours(1), Duration.ofSeconds(5));

    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final WorkloadApiClient client;
    private final RemoteDocument<TrustBundle> document;

    /**
     * @param socket {@code unix:} or {@code tcp:} address of the Workload API
     * @throws IllegalArgumentException if the address is malformed
     */
    public WorkloadApiBundle(String trustDomain, String socket, RefreshPolicy policy) {
        try {
            this.client = DefaultWorkloadApiClient.newClient(DefaultWorkloadApiClient.ClientOptions.builder()
                    .spiffeSocketPath(socket)
                    .build());
        } catch (SocketEndpointAddressException e) {
            throw new IllegalArgumentException("not the address of a Workload API: " + socket, e);
        }
        TrustDomain domain = TrustDomain.parse(trustDomain);
        this.document = new RemoteDocument<>(
                        "Workload API for " + trustDomain,
                        () -> Mono.fromCallable(() -> bundle(client, domain))
                                .subscribeOn(Schedulers.boundedElastic())
                                .timeout(TIMEOUT),
                        bundle -> policy.refreshAfter(),
                        WorkloadApiBundle::sameUnlessChanged,
                        policy,
                        () -> System.nanoTime() / 1_000_000)
                .start();
    }

    @Override
    public @Nullable TrustBundle current() {
        return document.current();
    }

    @Override
    public Mono<TrustBundle> get() {
        return document.get();
    }

    @Override
    public Mono<TrustBundle> refresh() {
        return document.refresh();
    }

    @Override
    public @Nullable String fault() {
        return document.fault();
    }

    @Override
    public void close() {
        document.close();
        try {
            client.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static TrustBundle bundle(WorkloadApiClient client, TrustDomain domain) throws Exception {
        return of(domain, client.fetchJwtBundles(), client.fetchX509Bundles());
    }

    /** The domain's part of the bundles that the Workload API gives. A domain that is not among them has no authority. */
    static TrustBundle of(TrustDomain domain, JwtBundleSet jwtBundles, X509BundleSet x509Bundles) {
        List<PublicJwk> keys = new ArrayList<>();
        JwtBundle jwt = jwtBundles.getBundles().get(domain);
        if (jwt != null) {
            jwt.getJwtAuthorities()
                    .forEach((kid, key) ->
                            PublicJwk.of(key).map(jwk -> jwk.named(kid)).ifPresent(keys::add));
        }
        X509Bundle x509 = x509Bundles.getBundles().get(domain);
        List<X509Certificate> authorities = x509 == null ? List.of() : List.copyOf(x509.getX509Authorities());
        return new TrustBundle(domain.getName(), keys, authorities, null, null);
    }

    /** Keeps the object if the bundle did not change, so that SVIDs verified with it need not be verified again. */
    private static TrustBundle sameUnlessChanged(TrustBundle held, TrustBundle fetched) {
        return held.equals(fetched) ? held : fetched;
    }
}
