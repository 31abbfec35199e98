package dev.errand.jose.source;

import dev.errand.jose.source.LiveDocument.MalformedDocumentException;
import io.netty.channel.ChannelOption;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/**
 * Fetches small documents: answers of 200 only, no redirect followed, bounded in size, two seconds in all. Thread-safe;
 * never blocks.
 */
public final class HttpFetch {
    /** The largest answer taken, in bytes. */
    public static final int MAX_BYTES = 1 << 20;

    /** The longest that one fetch may take. */
    public static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final HttpClient client;

    /** With the platform's trust store. */
    public HttpFetch() {
        this(HttpClient.create());
    }

    /** @param client with the trust store and proxy to be used */
    public HttpFetch(HttpClient client) {
        this.client = client.followRedirect(false)
                .responseTimeout(TIMEOUT)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) TIMEOUT.toMillis())
                .headers(headers -> headers.set("Accept", "application/json"));
    }

    /**
     * Whether the configuration may name this URL: {@code https}, or {@code http} on loopback; a host, no credentials, no
     * fragment.
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
