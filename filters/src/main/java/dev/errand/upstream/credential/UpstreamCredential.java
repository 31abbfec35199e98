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

    /** Those of its headers that hold a secret, in lower case. */
    default Set<String> secretNames() {
        return headerNames();
    }

    /** Whether it can be had anew before its time, where the upstream no longer takes it: see {@link #renewed}. */
    default boolean isRenewable() {
        return false;
    }

    /**
     * Other headers in the place of those that the upstream refused with 403; empty where the upstream still knows these, or
     * none other can be had. It never fails, and it ends within seconds.
     *
     * @param sent what was sent, by lower-case name
     */
    default Mono<Map<String, String>> renewed(Map<String, String> sent) {
        return Mono.empty();
    }

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
