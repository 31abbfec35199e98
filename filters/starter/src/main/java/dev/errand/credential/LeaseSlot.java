package dev.errand.credential;

import dev.errand.loop.Continuation;
import dev.errand.upstream.CallTask;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The place of one task's credential for one upstream: empty until the first call, then its lease. One exchange at a time
 * serves all calls; a lease is replaced in the background in the last third of its time. Thread-safe.
 */
final class LeaseSlot {
    /** A lease with less time left is not sent: the credential must still be good when the upstream checks it. */
    private static final long MARGIN_NANOS = Duration.ofSeconds(2).toNanos();

    /** How long after a failure no new lease is asked for. */
    private static final long RETRY_NANOS = Duration.ofMillis(500).toNanos();

    private static final long ASK_NANOS = Duration.ofSeconds(1).toNanos();

    final TaskCredential of;
    final CallTask task;
    private final LongSupplier nanoTime;
    private final Exchange exchange;
    private final SingleFlight<Lease> flight = new SingleFlight<>();
    private final Set<String> catalogues = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Lease lease;
    private volatile @Nullable Failure failure;
    private volatile boolean over;
    private volatile long lookedNanos;
    private long askedNanos;
    private int calls;

    private record Failure(Throwable cause, long atNanos) {}

    /** Obtains a lease that is ready for use: the first one, or a successor of the lease before. */
    interface Exchange {
        Mono<Lease> exchange(LeaseSlot slot, @Nullable Lease before);
    }

    LeaseSlot(TaskCredential of, CallTask task, Exchange exchange, LongSupplier nanoTime) {
        this.of = of;
        this.task = task;
        this.exchange = exchange;
        this.nanoTime = nanoTime;
        this.lookedNanos = nanoTime.getAsLong();
        this.askedNanos = lookedNanos - ASK_NANOS;
    }

    /**
     * A call takes the credential, until {@link #leave}. False if the place is closed; the call must then get another
     * one.
     */
    synchronized boolean enter(CallTask call) {
        if (over) {
            return false;
        }
        calls++;
        catalogues.addAll(call.catalogues());
        return true;
    }

    /** The call is over; true if no other call has the credential. */
    synchronized boolean leave() {
        return --calls == 0;
    }

    synchronized boolean isInUse() {
        return calls > 0;
    }

    /** Closes the place if no call has it, it holds no lease, and none is asked for. Returns whether it is closed now. */
    synchronized boolean closeIfEmpty() {
        over |= calls == 0 && lease == null && flight.isIdle();
        return over;
    }

    /** Whether the task's state was last asked for at least this long ago. */
    boolean isDue(long nowNanos, Duration every) {
        return nowNanos - lookedNanos >= every.toNanos();
    }

    /** When the task's state was last asked for, {@link System#nanoTime}. */
    long lookedNanos() {
        return lookedNanos;
    }

    /** Notes that the task's state is asked for now. */
    void looked(long nowNanos) {
        lookedNanos = nowNanos;
    }

    /** The prefixes of the operations that used it. */
    Set<String> catalogues() {
        return Set.copyOf(catalogues);
    }

    /** What it holds now, or null. */
    @Nullable Lease lease() {
        return lease;
    }

    /** Closes the place: it takes no further lease. Returns the lease that the caller must give back; null if there is none. */
    synchronized @Nullable Lease close() {
        Lease last = lease;
        over = true;
        lease = null;
        return last;
    }

    /** Closes the place unless a call has the credential. Returns whether it is closed now. */
    synchronized boolean closeUnused() {
        over |= calls == 0;
        return over;
    }

    /** Holds the lease from now on; false if the place was closed meanwhile. */
    private synchronized boolean take(Lease next) {
        if (over) {
            return false;
        }
        lease = next;
        failure = null;
        return true;
    }

    /** Whether the server may be asked whether it still knows the lease: once a second. */
    synchronized boolean mayAsk() {
        long now = nanoTime.getAsLong();
        if (now - askedNanos < ASK_NANOS) {
            return false;
        }
        askedNanos = now;
        return true;
    }

    /** Drops a lease that the server no longer knows; false if another lease is held now. */
    synchronized boolean forget(Lease lost) {
        if (lease != lost) {
            return false;
        }
        lease = null;
        return true;
    }

    /** The lease to send a request with. */
    Mono<Lease> current() {
        boolean idle = flight.isIdle();
        Lease have = lease;
        long now = nanoTime.getAsLong();
        if (have != null && now - have.renewNanos() < 0) {
            return Mono.just(have);
        }
        Failure last = failure;
        Failure recent = last != null && now - last.atNanos() < RETRY_NANOS ? last : null;
        if (have != null && have.endNanos() - now > MARGIN_NANOS) {
            if (recent == null && idle) {
                next(have).subscribe(done -> {}, told -> {});
            }
            return Mono.just(have);
        }
        return recent == null ? Continuation.behind(next(have)) : Mono.error(recent.cause());
    }

    private Mono<Lease> next(@Nullable Lease before) {
        return flight.join(Mono.defer(() -> exchange.exchange(this, before))
                .handle((fresh, sink) -> {
                    if (take(fresh)) {
                        sink.next(fresh);
                    } else {
                        of.giveBack(this, fresh);
                        sink.error(new CredentialUnavailableException("the task's credential was given back"));
                    }
                })
                .cast(Lease.class)
                .doOnError(cause -> failure = new Failure(cause, nanoTime.getAsLong())));
    }
}
