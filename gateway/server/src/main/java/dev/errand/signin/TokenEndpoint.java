package dev.errand.signin;

import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.Printable;
import dev.errand.trust.HumanIssuers;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.client.HttpClient;

/**
 * Exchanges the code of a sign-in for its token (RFC 6749 section 4.1.3). No redirection is followed; an answer may take ten seconds
 * and have 64 KiB. An answer that blames the client (a wrong secret, an unknown resource) is logged at most once a second, since the
 * operator of the gateway can correct that, and the human who signs in cannot. Thread-safe, never blocking.
 */
final class TokenEndpoint {
    private static final Logger LOG = LoggerFactory.getLogger(TokenEndpoint.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MAX_BYTES = 64 * 1024;
    private static final int MAX_SECRET_BYTES = 16 * 1024;
    private static final int SERVER_ERROR = 500;
    private static final int MAX_ERROR = 100;
    private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

    private final SignInClient client;
    private final HttpClient http;
    private final AtomicLong toldNanos = new AtomicLong(System.nanoTime() - PAUSE_NANOS);

    TokenEndpoint(SignInClient client) {
        this.client = client;
        this.http = HttpClient.create()
                .followRedirect(false)
                .responseTimeout(TIMEOUT)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) TIMEOUT.toMillis());
    }

    /** The access token; empty if the provider refuses the code. An {@link IOException} if it does not answer as specified. */
    Mono<Optional<String>> exchange(ProviderMetadata provider, String code, Pkce pkce) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "authorization_code");
        form.put("code", code);
        form.put("redirect_uri", client.callback());
        if (client.resource() != null) {
            form.put("resource", client.resource());
        }
        pkce.end(form);
        Path file = client.secretFile();
        if (file == null) {
            form.put("client_id", client.clientId());
            return post(provider, form, null);
        }
        return Mono.fromCallable(() -> secret(file))
                .subscribeOn(Schedulers.boundedElastic())
                .flatMap(secret -> {
                    if (provider.basic()) {
                        String pair = FormText.encode(client.clientId()) + ':' + FormText.encode(secret);
                        byte[] bytes = pair.getBytes(StandardCharsets.UTF_8);
                        return post(
                                provider, form, "Basic " + Base64.getEncoder().encodeToString(bytes));
                    }
                    form.put("client_id", client.clientId());
                    form.put("client_secret", secret);
                    return post(provider, form, null);
                });
    }

    private Mono<Optional<String>> post(
            ProviderMetadata provider, Map<String, String> form, @Nullable String authorization) {
        return http.headers(headers -> {
                    headers.set("Content-Type", "application/x-www-form-urlencoded");
                    headers.set("Accept", "application/json");
                    if (authorization != null) {
                        headers.set("Authorization", authorization);
                    }
                })
                .post()
                .uri(provider.token())
                .send(Mono.fromSupplier(() -> Unpooled.copiedBuffer(FormText.encode(form), StandardCharsets.US_ASCII)))
                .response((response, content) -> {
                    int status = response.status().code();
                    return content.asByteArray()
                            .collect(ByteArrayOutputStream::new, TokenEndpoint::add)
                            .flatMap(body -> token(status, body.toByteArray()));
                })
                .single()
                .timeout(TIMEOUT);
    }

    private static void add(ByteArrayOutputStream read, byte[] more) {
        if (read.size() + more.length > MAX_BYTES) {
            throw new IllegalStateException("the provider's answer has more than " + MAX_BYTES + " bytes");
        }
        read.writeBytes(more);
    }

    private Mono<Optional<String>> token(int status, byte[] body) {
        if (status >= SERVER_ERROR) {
            return Mono.error(() -> new IOException("the provider answered " + status));
        }
        try {
            JsonObject json = Json.parseObject(body);
            String token = json.string("access_token");
            boolean bearer = "bearer".equalsIgnoreCase(json.string("token_type"));
            boolean good = status == 200 && bearer && token != null && token.length() <= HumanIssuers.MAX_LENGTH;
            if (!good) {
                told(status, json.string("error"));
            }
            return Mono.just(Optional.ofNullable(good ? token : null));
        } catch (MalformedJsonException e) {
            return Mono.error(() -> new IOException("the provider answered " + status + " without JSON"));
        }
    }

    /** Logs a refusal, except that of an invalid code: anybody may send one, so it is no fault of the configuration. */
    private void told(int status, @Nullable String error) {
        long now = System.nanoTime();
        long last = toldNanos.get();
        if (!"invalid_grant".equals(error) && now - last >= PAUSE_NANOS && toldNanos.compareAndSet(last, now)) {
            LOG.warn(
                    "the identity provider refused a token to the gateway's client: issuer={} client={} status={} error={}",
                    client.issuer(),
                    client.clientId(),
                    status,
                    Printable.line(error, MAX_ERROR));
        }
    }

    private static String secret(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(MAX_SECRET_BYTES + 1);
            String text = new String(content, StandardCharsets.UTF_8).strip();
            if (content.length > MAX_SECRET_BYTES || text.isEmpty()) {
                throw new IOException(file + ": must hold the client's secret");
            }
            return text;
        }
    }
}
