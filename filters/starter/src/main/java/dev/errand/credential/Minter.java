package dev.errand.credential;

import dev.errand.upstream.CallTask;
import dev.errand.upstream.OutgoingRequest;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * Obtains one kind of credential for a task, writes it on requests, and gives it back. One for each entry under
 * {@code errand.upstreams}. Thread-safe, never blocking; compared by identity. Failures are
 * {@link dev.errand.credential.CredentialUnavailableException}s whose message holds no secret.
 */
public interface Minter {
    /** The kind's name in the configuration, such as {@code task-jwt}. */
    String kind();

    /** As for {@link dev.errand.credential.UpstreamCredential#headerNames}. */
    Set<String> headerNames();

    /** As for {@link dev.errand.credential.UpstreamCredential#secretNames}. */
    default Set<String> secretNames() {
        return headerNames();
    }

    /** Whether it signs the request's own fields. */
    default boolean readsFields() {
        return false;
    }

    /** Whether a header's value may be several lines. */
    default boolean writesLines() {
        return false;
    }

    /**
     * Refuses a task that the credential cannot name.
     *
     * @throws dev.errand.credential.NotAttestedException if it names agents, and nothing proved this one
     */
    void admit(CallTask task);

    /** Obtains a new credential. Completes or fails within seconds. */
    Mono<Lease> mint(CallTask task);

    /** Obtains a credential for a check, whose task does not exist and grants nothing. */
    default Mono<Lease> tried(CallTask task) {
        return mint(task);
    }

    /** The successor of a credential that is about to end: the same one, prolonged, or another. */
    default Mono<Lease> renew(CallTask task, Lease held) {
        return mint(task);
    }

    Mono<Map<String, String>> headers(Lease lease, OutgoingRequest request);

    /** Whether the server can take a credential back before it ends by itself. */
    default boolean isTakenBack() {
        return false;
    }

    /**
     * Has the server end a credential. Completes when the credential has ended, also if the server no longer knew it.
     */
    default Mono<Void> giveBack(Secret sent) {
        return Mono.empty();
    }

    /** Whether the server still knows a credential that it refused a request with. */
    default Mono<Boolean> isKnown(Lease lease) {
        return Mono.just(true);
    }

    /** Whether a 403 may mean that the server no longer knows the credential. */
    default boolean isForgotten() {
        return false;
    }

    /** What keeps it from working, for health; empty while all is well. */
    default Optional<String> fault() {
        return Optional.empty();
    }
}
