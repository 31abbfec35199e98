package dev.errand.credential;

import dev.errand.upstream.CallTask;
import dev.errand.upstream.OutgoingRequest;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The gateway's credential for an upstream, which it adds to requests. Thread-safe, never blocking. */
public interface UpstreamCredential {
    /** The names of the headers that it writes, in lower case. A client's own headers of these names never pass. */
    Set<String> headerNames();

    /**
     * The headers for one request, newly obtained if they must be. If this fails with a
     * {@link CredentialUnavailableException}, nothing may be sent.
     */
    Mono<Map<String, String>> headers(OutgoingRequest request);

    /** The credential without its wrapper, such as {@link TrustedUpstream}. */
    default UpstreamCredential itself() {
        return this;
    }

    /** Whether each task has a credential of its own: a call then uses the result of {@link #of} instead of this one. */
    default boolean isPerTask() {
        return false;
    }

    /**
     * The credential for one call of a task. The caller must call {@link #done} on it when the call is over.
     *
     * @throws NotAttestedException if it would name an agent that nothing proved
     */
    default UpstreamCredential of(CallTask task) {
        return this;
    }

    /** Says that the call for which the credential was taken is over. */
    default void done() {}

    /** Whether a value may be several lines, with a line feed between them: each is a header of its own. */
    default boolean writesLines() {
        return false;
    }

    /** The names of its headers that hold a secret, in lower case. */
    default Set<String> secretNames() {
        return headerNames();
    }

    /**
     * What is secret in the value of one of its {@link #secretNames}, as an upstream may repeat it in an answer: without the
     * scheme.
     */
    default List<String> secrets(String value) {
        return HeaderSecrets.of(value);
    }

    /** Whether the credential can be replaced before its time if the upstream no longer accepts it: see {@link #renewed}. */
    default boolean isRenewable() {
        return false;
    }

    /**
     * Other headers in the place of those that the upstream refused with 403; empty if the upstream still accepts
     * these, or if there are no others. It never fails, and it ends within seconds.
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
     * The TLS context for connections to the upstream: the same instance until the credential changes. Null if the credential
     * sets nothing of the connection.
     */
    default @Nullable Mono<SslContext> sslContext() {
        return null;
    }

    /** What keeps it from following a change of its source, for health; empty while all is well. */
    Optional<String> fault();
}
