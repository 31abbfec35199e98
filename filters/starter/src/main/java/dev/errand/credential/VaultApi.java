package dev.errand.credential;

import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import io.netty.buffer.Unpooled;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/**
 * The requests about tokens to a Vault or OpenBao. An answer may take two seconds, and have 64 KiB. Failures are
 * {@link CredentialUnavailableException}s or those of the connection. Thread-safe, never blocking.
 */
final class VaultApi {
    /** How long one answer may take. */
    public static final Duration TIMEOUT = Duration.ofSeconds(2);

    private static final int FORBIDDEN = 403;
    private static final int MAX_ANSWER_BYTES = 64 * 1024;
    private static final String TOKEN = "x-vault-token";
    private static final String NAMESPACE = "x-vault-namespace";

    private final URI url;
    private final String mount;
    private final String role;
    private final @Nullable String namespace;
    private final HttpClient http;

    /**
     * @param url without {@code /v1}
     * @param mount where the auth method is mounted
     * @param role the login's role
     * @param namespace null for the root namespace
     */
    public VaultApi(URI url, String mount, String role, @Nullable String namespace, HttpClient http) {
        this.url = url;
        this.mount = mount;
        this.role = role;
        this.namespace = namespace;
        this.http = http.followRedirect(false).responseTimeout(TIMEOUT);
    }

    /** A token that Vault gave. */
    public record Granted(Secret token, boolean renewable, Duration lease) {}

    /** The namespace of every request, or null. */
    @Nullable String namespace() {
        return namespace;
    }

    /** The headers by which a request is sent with a token. */
    public Map<String, String> headers(Secret token) {
        String plain = token.reveal("");
        String own = namespace;
        return own == null ? Map.of("X-Vault-Token", plain) : Map.of("X-Vault-Token", plain, "X-Vault-Namespace", own);
    }

    /** Logs in with a JWT. */
    public Mono<Granted> login(Secret jwt) {
        return granted(
                "/v1/auth/" + mount + "/login",
                new JsonObject(Map.of("role", new JsonString(role), "jwt", new JsonString(jwt.reveal("")))),
                null);
    }

    /** Prolongs a token's lease. */
    public Mono<Granted> renew(Secret token) {
        return granted("/v1/auth/token/renew-self", JsonObject.EMPTY, token);
    }

    /** Whether Vault knows a token: it answers 403 to a look-up of a token that it does not know. */
    public Mono<Boolean> knows(Secret token) {
        return passing(
                token,
                null,
                secret -> ask(secret)
                        .get()
                        .uri(address("/v1/auth/token/lookup-self"))
                        .responseSingle((response, content) -> {
                            int status = response.status().code();
                            return content.then(Mono.just(status != FORBIDDEN));
                        }));
    }

    /** Revokes a token with all its leases. Completes also if Vault no longer knew the token. */
    public Mono<Void> revoke(Secret token) {
        String path = "/v1/auth/token/revoke-self";
        return this.<Integer>passing(
                        token,
                        null,
                        secret -> ask(secret).post().uri(address(path)).responseSingle((response, content) -> {
                            int status = response.status().code();
                            return content.then(Mono.just(status));
                        }))
                .flatMap(status -> {
                    if (status < 300) {
                        return Mono.<Void>empty();
                    }
                    Mono<Void> refused = Mono.error(
                            new CredentialUnavailableException(name() + " answered " + status + " to " + path));
                    return status == FORBIDDEN
                            ? knows(token).flatMap(known -> known ? refused : Mono.empty())
                            : refused;
                });
    }

    /** Vault's name in messages: its address, without a user or password. */
    public String name() {
        return HttpForm.shown("Vault", url);
    }

    private String address(String path) {
        String base = url.toString();
        return (base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path;
    }

    /** One request with a token or a body, which are forgotten when it is over. */
    private <T> Mono<T> passing(
            @Nullable Secret token, @Nullable String body, Function<PassingSecret, Mono<T>> request) {
        return Mono.defer(() -> {
            PassingSecret secret = new PassingSecret(token == null ? null : token.reveal(""), body);
            return request.apply(secret).doFinally(end -> secret.forget());
        });
    }

    private HttpClient ask(PassingSecret secret) {
        String own = namespace;
        return http.headers(headers -> {
                    headers.set("Content-Type", "application/json");
                    if (own != null) {
                        headers.set(NAMESPACE, own);
                    }
                })
                .doOnRequest((request, connection) -> secret.writeTo(request, TOKEN));
    }

    private Mono<Granted> granted(String path, JsonObject body, @Nullable Secret token) {
        return passing(
                token,
                Jcs.canonical(body),
                secret -> ask(secret)
                        .post()
                        .uri(address(path))
                        .send(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(secret.body())))
                        .responseSingle((response, content) -> {
                            int status = response.status().code();
                            if (status != 200) {
                                return content.then(Mono.error(new CredentialUnavailableException(
                                        name() + " answered " + status + " to " + path)));
                            }
                            return content.asByteArray()
                                    .defaultIfEmpty(new byte[0])
                                    .map(this::parse);
                        }));
    }

    private Granted parse(byte[] answer) {
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
                Duration lease = Duration.ofSeconds(Math.min(duration.asLong(), 86_400));
                boolean renewable = new JsonBoolean(true).equals(auth.get("renewable"));
                if (secret.isHeaderValue()) {
                    return new Granted(secret, renewable, lease);
                }
            }
        } catch (MalformedJsonException e) {
            // the same fault as an answer without a token
        }
        throw new CredentialUnavailableException(name() + " answered without a token and its lease");
    }
}
