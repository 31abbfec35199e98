package dev.errand.credential;

import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.http.client.HttpClient;

/**
 * A server that takes requests as forms ({@code application/x-www-form-urlencoded}). An answer may take two seconds, and have
 * 64 KiB. No redirection is followed. Thread-safe, never blocking.
 */
final class HttpForm {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final int MAX_ANSWER_BYTES = 64 * 1024;

    private final String name;
    private final URI endpoint;
    private final HttpClient http;

    /** @param name the server's name in messages */
    HttpForm(String name, URI endpoint, HttpClient http) {
        this.name = name;
        this.endpoint = endpoint;
        this.http = http.followRedirect(false).responseTimeout(TIMEOUT);
    }

    /** Sends a form. Returns the answer if its status is below 300; else fails with a {@link CredentialUnavailableException}. */
    Mono<byte[]> post(Map<String, String> form, @Nullable String authorization) {
        return Mono.defer(() -> {
            PassingSecret secret = new PassingSecret(authorization, encoded(form));
            return post(secret).doFinally(end -> secret.forget());
        });
    }

    private Mono<byte[]> post(PassingSecret secret) {
        return http.headers(headers -> {
                    headers.set("Content-Type", "application/x-www-form-urlencoded");
                    headers.set("Accept", "application/json, application/xml");
                })
                .doOnRequest((request, connection) -> secret.writeTo(request, "Authorization"))
                .post()
                .uri(endpoint)
                .send(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(secret.body())))
                .response((response, content) -> {
                    int status = response.status().code();
                    return read(content, MAX_ANSWER_BYTES).map(answer -> {
                        if (status >= 300) {
                            throw new CredentialUnavailableException(this + " answered " + status);
                        }
                        return answer;
                    });
                })
                .single();
    }

    /** The whole body of an answer; a failure if it has more bytes. */
    static Mono<byte[]> read(ByteBufFlux content, int most) {
        return content.asByteArray()
                .collect(ByteArrayOutputStream::new, (read, more) -> {
                    if (read.size() + more.length > most) {
                        throw new CredentialUnavailableException("an answer of more than " + most + " bytes");
                    }
                    read.writeBytes(more);
                })
                .map(ByteArrayOutputStream::toByteArray);
    }

    private static String encoded(Map<String, String> form) {
        return form.entrySet().stream()
                .map(field -> encoded(field.getKey()) + '=' + encoded(field.getValue()))
                .collect(Collectors.joining("&"));
    }

    /** The encoding of a form (RFC 6749 appendix B). */
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return shown(name, endpoint);
    }

    /** A server's name in messages: its address, without a user or password. */
    static String shown(String name, URI address) {
        String authority = String.valueOf(address.getRawAuthority());
        return name + " at " + address.getScheme() + "://" + authority.substring(authority.lastIndexOf('@') + 1);
    }
}
