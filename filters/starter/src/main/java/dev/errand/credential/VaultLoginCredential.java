package dev.errand.credential;

import dev.errand.loop.Continuation;
import dev.errand.upstream.OutgoingRequest;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/**
 * {@code X-Vault-Token} from Vault's JWT login. The token is asked for by the first request, renewed (or, where it
 * cannot be, replaced) when a request comes in the last third of its lease, and one exchange at a time serves all. Requests use
 * the token meanwhile; in the last two seconds of its lease they wait for the next one first. While Vault does not answer, the
 * token is used until its lease ends, then requests fail; the log says so. A token that Vault no longer knows is replaced at the
 * first call that is refused with it.
 */
final class VaultLoginCredential implements UpstreamCredential {
    private static final Logger LOG = LoggerFactory.getLogger(VaultLoginCredential.class);
    /** How long before the end of its lease a token is replaced first: it must still be good when the upstream checks it. */
    private static final long MARGIN_NANOS = 2_000_000_000L;

    private static final long RETRY_NANOS = 1_000_000_000L;
    private static final String TOKEN = "x-vault-token";
    private static final String NAMESPACE = "x-vault-namespace";
    private static final Set<String> SECRETS = Set.of(TOKEN);

    private final VaultApi vault;
    private final WatchedFile<Secret> jwt;
    private final LongSupplier nanoTime;
    private final SingleFlight<Lease> exchange = new SingleFlight<>();
    private volatile @Nullable Lease lease;
    private volatile @Nullable Failure failure;
    /** When Vault last said that it knows the token in use. */
    private volatile @Nullable Known known;

    private record Lease(Secret token, boolean renewable, long renewNanos, long endNanos) {}

    private record Known(Secret token, long atNanos) {}

    private record Failure(String message, long atNanos) {}

    /**
     * @param url Vault's address, without {@code /v1}
     * @param jwtFile the JWT to log in with, read at each login
     */
    public VaultLoginCredential(
            URI url,
            String mount,
            String role,
            Path jwtFile,
            @Nullable String namespace,
            HttpClient http,
            LongSupplier nanoTime) {
        this.vault = new VaultApi(url, mount, role, namespace, http);
        this.nanoTime = nanoTime;
        this.jwt = new WatchedFile<>(List.of(jwtFile), contents -> Secret.of(contents.get(0)), nanoTime);
    }

    @Override
    public Set<String> headerNames() {
        return vault.namespace() == null ? SECRETS : Set.of(TOKEN, NAMESPACE);
    }

    @Override
    public Set<String> secretNames() {
        return SECRETS;
    }

    @Override
    public Mono<Map<String, String>> headers(OutgoingRequest request) {
        return Mono.defer(this::current).map(this::headers);
    }

    private Map<String, String> headers(Lease lease) {
        return vault.headers(lease.token());
    }

    @Override
    public boolean isRenewable() {
        return true;
    }

    /**
     * A 403 is Vault's answer to a token that it does not know, and to a known one whose policies do not allow the call. So
     * Vault is asked for the token first, once a second at most.
     */
    @Override
    public Mono<Map<String, String>> renewed(Map<String, String> sent) {
        return Mono.defer(() -> {
            Lease held = lease;
            String refused = sent.get(TOKEN);
            if (held == null || refused == null) {
                return Mono.empty();
            } else if (!held.token().reveal("").equals(refused)) {
                return Mono.just(headers(held));
            }
            Known last = known;
            Failure failed = failure;
            long now = nanoTime.getAsLong();
            boolean asked = last != null && last.token().equals(held.token()) && now - last.atNanos() < RETRY_NANOS
                    || failed != null && now - failed.atNanos() < RETRY_NANOS;
            return asked
                    ? Mono.empty()
                    : Continuation.behind(exchange.join(lookup(held)
                                    .timeout(VaultApi.TIMEOUT.multipliedBy(2))
                                    .doOnNext(this::had)
                                    .onErrorMap(this::unavailable)))
                            .filter(next -> !next.token().equals(held.token()))
                            .map(this::headers)
                            .onErrorComplete();
        });
    }

    /** The lease itself if Vault knows its token; else the lease of a new login. */
    private Mono<Lease> lookup(Lease held) {
        return vault.knows(held.token()).flatMap(knows -> {
            if (!knows) {
                LOG.warn("{} no longer knows the gateway's token; the gateway logs in again", vault.name());
                // The new token counts as known too, since its policies may forbid the look-up.
                return login().doOnNext(next -> known = new Known(next.token(), nanoTime.getAsLong()));
            }
            known = new Known(held.token(), nanoTime.getAsLong());
            return Mono.just(held);
        });
    }

    @Override
    public Optional<String> fault() {
        Failure failed = failure;
        return failed == null ? Optional.empty() : Optional.of(failed.message());
    }

    private Mono<Lease> current() {
        // Read before `lease`: the lease of an exchange that ends in between is then seen.
        boolean idle = exchange.isIdle();
        Lease held = lease;
        long now = nanoTime.getAsLong();
        if (held != null && now - held.renewNanos() < 0) {
            return Mono.just(held);
        }
        Lease usable = held != null && now - held.endNanos() < 0 ? held : null;
        Failure failed = failure;
        Failure recent = failed != null && now - failed.atNanos() < RETRY_NANOS ? failed : null;
        if (usable == null) {
            return recent == null
                    ? Continuation.behind(exchangeOnce(null))
                    : Mono.error(new CredentialUnavailableException(recent.message()));
        }
        if (recent == null && usable.endNanos() - now <= MARGIN_NANOS) {
            return Continuation.behind(exchangeOnce(usable).onErrorReturn(usable));
        }
        if (recent == null && idle) {
            exchangeOnce(usable).subscribe(next -> {}, refused -> {}); // the error is kept in `failure`
        }
        return Mono.just(usable);
    }

    private Mono<Lease> exchangeOnce(@Nullable Lease held) {
        return exchange.join(Mono.defer(() -> held != null && held.renewable() ? renewOrLogin(held) : login())
                .timeout(VaultApi.TIMEOUT.multipliedBy(2))
                .doOnNext(this::had)
                .onErrorMap(this::unavailable));
    }

    private void had(Lease granted) {
        lease = granted;
        if (failure != null) {
            failure = null;
            LOG.info("{} gives tokens again", vault.name());
        }
    }

    private Throwable unavailable(Throwable cause) {
        String message = cause instanceof CredentialUnavailableException
                ? String.valueOf(cause.getMessage())
                : vault.name() + " does not answer (" + cause.getClass().getSimpleName() + ")";
        Failure before = failure;
        failure = new Failure(message, nanoTime.getAsLong());
        if (before == null || !before.message().equals(message)) {
            LOG.warn("{}; the token from before is used until its lease ends", message);
        }
        return new CredentialUnavailableException(message);
    }

    private Mono<Lease> renewOrLogin(Lease held) {
        long askedNanos = nanoTime.getAsLong();
        return vault.renew(held.token())
                .map(granted -> lease(granted, askedNanos))
                .onErrorResume(refused -> login());
    }

    private Mono<Lease> login() {
        return jwt.value().flatMap(token -> {
            long askedNanos = nanoTime.getAsLong();
            return vault.login(token).map(granted -> lease(granted, askedNanos));
        });
    }

    private static Lease lease(VaultApi.Granted granted, long askedNanos) {
        long nanos = granted.lease().toNanos();
        return new Lease(granted.token(), granted.renewable(), askedNanos + nanos / 3 * 2, askedNanos + nanos);
    }
}
