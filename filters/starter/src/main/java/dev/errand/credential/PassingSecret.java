package dev.errand.credential;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.client.HttpClientRequest;

/**
 * The secret of one request to a server: a header's value, a body, or both. The HTTP client keeps the objects with
 * which a connection was opened as long as the connection lives. So it gets only this object, which forgets the secret
 * when the request is over. Thread-safe.
 */
final class PassingSecret {
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

    /** The body; throws an {@link IllegalStateException} after {@link #forget}. */
    public byte[] body() {
        byte[] bytes = body;
        if (bytes == null) {
            throw new IllegalStateException("the request is over");
        }
        return bytes;
    }

    /** Forgets header and body. */
    public void forget() {
        header = null;
        body = null;
    }
}
