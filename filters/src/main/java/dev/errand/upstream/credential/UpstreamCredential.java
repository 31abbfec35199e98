package dev.errand.upstream.credential;

import dev.errand.upstream.OutgoingRequest;
import io.netty.handler.ssl.SslContext;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** What the gateway adds to a request so that the upstream takes it for one of the gateway's own. Thread-safe, never blocking. */
public interface UpstreamCredential {
    /** The headers it writes, in lower case; a client's own of these names never pass. */
    Set<String> headerNames();

    /**
     * The headers for one request, fresh where they must be. Fails with a {@link CredentialUnavailableException};
     * then nothing may be sent.
     */
    Mono<Map<String, String>> headers(OutgoingRequest request);

    /** Whether it signs the request's own fields, which must then be composed before it is asked. */
    default boolean readsFields() {
        return false;
    }

    /**
     * What connections to the upstream are made with: the same instance until the credential changes. Null if the credential
     * is none of the connection's.
     */
    default @Nullable Mono<SslContext> sslContext() {
        return null;
    }

    /** What keeps it from following a change of its source, for health; empty while all is well. */
    Optional<String> fault();
}
