package dev.errand.upstream.credential;

import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.loop.Continuation;
import dev.errand.upstream.OutgoingRequest;
import io.netty.buffer.Unpooled;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
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
 * token is used until its lease ends, then requests fail; the log says so.
 */
final class VaultLoginCredential implements UpstreamCredential {
    private static final Logger LOG = LoggerFactory.getLogger(VaultLoginCredential.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    /** Before the end of a lease: a token must still be good where it is looked at. */
    private static final long MARGIN_NANOS = 2_000_000_000L;

    private static final long RETRY_NANOS = 1_000_000_000L;
    private static final int MAX_ANSWER_BYTES = 64 * 1024;

    private final URI url;
    private final String mount;
    private final String role;
    private final HttpClient http;
    private final WatchedFile<Secret> jwt;
    private final LongSupplier nanoTime;
    private final SingleFlight<Lease> exchange = new SingleFlight<>();
    private volatile @Nullable Lease lease;
    private volatile @Nullable Failure failure;

    private record Lease(Secret token, boolean renewable, long renewNanos, long endNanos) {}

    private record Failure(String message, long atNanos) {}

    VaultLoginCredential(URI url, String mount, String role, Path jwtFile, HttpClient http, LongSupplier nanoTime) {
        this.url = url;
        this.mount = mount;
        this.role = role;
        this.http = http.followRedirect(false).responseTimeout(TIMEOUT);
        this.nanoTime = nanoTime;
        this.jwt = new WatchedFile<>(List.of(jwtFile), contents -> Secret.of(contents.get(0)), nanoTime);
    }

    @Override
    public Set<String> headerNames() {
        return Set.of("x-vault-token");
    }

    @Override
    public Mono<Map<String, String>> headers(OutgoingRequest request) {
        return Mono.defer(this::current)
                .map(current -> Map.of("X-Vault-Token", current.token().reveal("")));
    }

    @Override
    public Optional<String> fault() {
        Failure failed = failure;
        return failed == null ? Optional.empty() : Optional.of(failed.message());
    }

    private Mono<Lease> current() {
        // Looked at first: what an exchange that ends meanwhile has brought is then known.
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
            exchangeOnce(usable).subscribe(next -> {}, refused -> {}); // told by failure
        }
        return Mono.just(usable);
    }

    private Mono<Lease> exchangeOnce(@Nullable Lease held) {
        return exchange.join(Mono.defer(() -> held != null && held.renewable() ? renewOrLogin(held) : login())
                .timeout(TIMEOUT.multipliedBy(2))
                .doOnNext(this::had)
                .onErrorMap(this::unavailable));
    }

    private void had(Lease granted) {
        lease = granted;
        if (failure != null) {
            failure = null;
            LOG.info("{} gives tokens again", vault());
        }
    }

    /** As messages name it: without a password that its address may hold. */
    private String vault() {
        String authority = String.valueOf(url.getRawAuthority());
        return "Vault at " + url.getScheme() + "://" + authority.substring(authority.lastIndexOf('@') + 1);
    }

    private Throwable unavailable(Throwable cause) {
        String message = cause instanceof CredentialUnavailableException
                ? String.valueOf(cause.getMessage())
                : vault() + " does not answer (" + cause.getClass().getSimpleName() + ")";
        Failure before = failure;
        failure = new Failure(message, nanoTime.getAsLong());
        if (before == null || !before.message().equals(message)) {
            LOG.warn("{}; a token that was had before is used until its lease ends", message);
        }
        return new CredentialUnavailableException(message);
    }

    private Mono<Lease> renewOrLogin(Lease held) {
        return post("/v1/auth/token/renew-self", JsonObject.EMPTY, held.token()).onErrorResume(refused -> login());
    }

    private Mono<Lease> login() {
        return jwt.value()
                .flatMap(token -> post(
                        "/v1/auth/" + mount + "/login",
                        new JsonObject(Map.of("role", new JsonString(role), "jwt", new JsonString(token.reveal("")))),
                        null));
    }

    private Mono<Lease> post(String path, JsonObject body, @Nullable Secret token) {
        String base = url.toString();
        String url = (base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path;
        long askedNanos = nanoTime.getAsLong();
        return http.headers(headers -> {
                    headers.set("Content-Type", "application/json");
                    if (token != null) {
                        headers.set("X-Vault-Token", token.reveal(""));
                    }
                })
                .post()
                .uri(url)
                .send(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(Jcs.canonicalBytes(body))))
                .responseSingle((response, content) -> {
                    int status = response.status().code();
                    if (status != 200) {
                        return content.then(Mono.error(
                                new CredentialUnavailableException(vault() + " answered " + status + " to " + path)));
                    }
                    return content.asByteArray().defaultIfEmpty(new byte[0]).map(bytes -> parse(bytes, askedNanos));
                });
    }

    private Lease parse(byte[] answer, long askedNanos) {
        try {
            JsonObject auth = answer.length > MAX_ANSWER_BYTES
                    ? null
                    : Json.parseObject(answer).object("auth");
            String token = auth == null ? null : auth.string("client_token");
            if (auth != null
                    && token != null
                    && auth.get("lease_duration") instanceof JsonNumber duration
                    && duration.isLong()
                    && duration.asLong() > 0) {
                Secret secret = Secret.of(token.getBytes(StandardCharsets.UTF_8));
                long leaseNanos =
                        Duration.ofSeconds(Math.min(duration.asLong(), 86_400)).toNanos();
                boolean renewable = new JsonBoolean(true).equals(auth.get("renewable"));
                if (secret.isHeaderValue()) {
                    return new Lease(secret, renewable, askedNanos + leaseNanos / 3 * 2, askedNanos + leaseNanos);
                }
            }
        } catch (MalformedJsonException e) {
            // the same fault as an answer without a token
        }
        throw new CredentialUnavailableException(vault() + " answered without a token and its lease");
    }
}
