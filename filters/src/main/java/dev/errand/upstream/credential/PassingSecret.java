package dev.errand.upstream.credential;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.client.HttpClientRequest;

/**
 * What one request shows a server in secret: a header's value, a body, or both. The HTTP client keeps what a connection was opened with for
 * as long as the connection lives. So it is given this object alone, which forgets the secret when the request is over. Thread-safe.
 */
public final class PassingSecret {
    private volatile @Nullable String header;
    private volatile byte @Nullable [] body;

    /**
     * @param header the value of a header, or null
     * @param body UTF-8, or null
     */
    public PassingSecret(@Nullable String header, @Nullable String body) {
        this.header = header;
        this.body = body == null ? null : body.getBytes(StandardCharsets.UTF_8);
    }

    /** Writes the header's value, if there is one. */
    public void writeTo(HttpClientRequest request, String name) {
        String value = header;
        if (value != null) {
            request.header(name, value);
        }
    }

    /** The body; an {@link IllegalStateException} where it is forgotten. */
    public byte[] body() {
        byte[] bytes = body;
        if (bytes == null) {
            throw new IllegalStateException("the request is over");
        }
        return bytes;
    }

    /** Forgets both. */
    public void forget() {
        header = null;
        body = null;
    }
}
