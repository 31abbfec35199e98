package dev.errand.trust;

import dev.errand.trust.LiveDocument.MalformedDocumentException;
import io.netty.channel.ChannelOption;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/**
 * Fetches small documents. An answer must have status 200; no redirect is followed, size is bounded, and a fetch takes
 * two seconds at most. Thread-safe; never blocks.
 */
public final class HttpFetch {
    /** The largest answer, in bytes. */
    public static final int MAX_BYTES = 1 << 20;

    /** The longest time of one fetch. */
    public static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final HttpClient client;

    /** With the platform's trust store. */
    public HttpFetch() {
        this(HttpClient.create());
    }

    /** @param client its trust store and proxy are used */
    public HttpFetch(HttpClient client) {
        this.client = client.followRedirect(false)
                .responseTimeout(TIMEOUT)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) TIMEOUT.toMillis())
                .headers(headers -> headers.set("Accept", "application/json"));
    }

    /**
     * Whether a configuration may name this URL: {@code https}, or {@code http} on loopback; with a host, without
     * credentials and fragment.
     */
    public static boolean isAcceptable(URI url) {
        String scheme = url.getScheme();
        String host = url.getHost();
        if (scheme == null || host == null || url.getUserInfo() != null || url.getFragment() != null) {
            return false;
        }
        boolean loopback = host.equals("127.0.0.1") || host.equals("localhost") || host.equals("[::1]");
        return switch (scheme.toLowerCase(Locale.ROOT)) {
            case "https" -> true;
            case "http" -> loopback;
            default -> false;
        };
    }

    /** The body of one GET. */
    public Mono<byte[]> get(URI url) {
        if (!isAcceptable(url)) {
            return Mono.error(() -> new MalformedDocumentException("the URL must be https, or http on loopback"));
        }
        return client.get()
                .uri(url)
                .response((response, content) -> {
                    if (response.status().code() != 200) {
                        return Mono.error(new MalformedDocumentException(
                                "answered " + response.status().code()));
                    }
                    return content.asByteArray().reduceWith(Body::new, Body::append);
                })
                .single()
                .map(Body::bytes)
                .timeout(TIMEOUT);
    }

    private static final class Body {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Body append(byte[] more) {
            if (bytes.size() + more.length > MAX_BYTES) {
                throw new IllegalStateException("the answer is larger than " + MAX_BYTES + " bytes");
            }
            bytes.writeBytes(more);
            return this;
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }
    }
}
