package dev.errand.credential;

import dev.errand.upstream.OutgoingRequest;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The task's credential for one call, which holds it until {@link #done}. Thread-safe. */
final class CallCredential implements UpstreamCredential {
    /** Stands for the request of a renewed credential: the kinds that can be renewed do not sign requests. */
    private static final OutgoingRequest NONE = new OutgoingRequest("GET", URI.create("/"), Map.of(), null);

    private static final Duration LONGEST = Duration.ofSeconds(4);

    private final TaskCredential of;
    private final TaskCredentials credentials;
    private final LeaseSlot slot;
    private final AtomicBoolean done = new AtomicBoolean();
    private volatile @Nullable Lease used;

    CallCredential(TaskCredential of, TaskCredentials credentials, LeaseSlot slot) {
        this.of = of;
        this.credentials = credentials;
        this.slot = slot;
    }

    @Override
    public Set<String> headerNames() {
        return of.headerNames();
    }

    @Override
    public Set<String> secretNames() {
        return of.secretNames();
    }

    @Override
    public boolean readsFields() {
        return of.readsFields();
    }

    @Override
    public boolean writesLines() {
        return of.writesLines();
    }

    @Override
    public Mono<Map<String, String>> headers(OutgoingRequest request) {
        return Mono.defer(slot::current).flatMap(lease -> {
            used = lease;
            return of.minter().headers(lease, request);
        });
    }

    @Override
    public boolean isRenewable() {
        return of.minter().isForgotten();
    }

    @Override
    public Mono<Map<String, String>> renewed(Map<String, String> sent) {
        Lease refused = used;
        return refused == null || !slot.mayAsk()
                ? Mono.empty()
                : of.minter()
                        .isKnown(refused)
                        .filter(known -> !known)
                        .flatMap(unknown -> {
                            credentials.lost(slot, refused);
                            return slot.current();
                        })
                        .filter(next -> next != refused)
                        .flatMap(next -> {
                            used = next;
                            return of.minter().headers(next, NONE);
                        })
                        .timeout(LONGEST)
                        .onErrorComplete();
    }

    @Override
    public void done() {
        if (done.compareAndSet(false, true)) {
            credentials.leave(slot);
        }
    }

    @Override
    public Optional<String> fault() {
        return of.fault();
    }

    @Override
    public String toString() {
        return of + " for " + slot.task.task();
    }
}
