package dev.errand.credential;

import dev.errand.credential.CredentialListener.Outcome;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.write.ProvenanceLog;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/**
 * Gives credentials back, those of each upstream in a lane of its own, until the server takes them or they end by themselves. A
 * server that does not take one is asked again after a fifth of a second, then after growing pauses of {@value #LATEST_MILLIS} ms
 * at most. A lane holds {@value #MOST_OWED}; further credentials stay in the store until there is room. Thread-safe, never blocking.
 */
public final class GivingBack {
    private static final Logger LOG = LoggerFactory.getLogger(GivingBack.class);

    /** How long one answer may take. */
    private static final Duration ANSWER = Duration.ofSeconds(2);

    private static final long EARLIEST_MILLIS = 200;
    private static final long LATEST_MILLIS = 10_000;
    private static final int MOST_OWED = 50_000;
    private static final Duration TOLD_EVERY = Duration.ofMinutes(1);

    private final StoredCredentials stored;
    private final ProvenanceLog log;
    private final CredentialListener listener;
    private final LongSupplier nanoTime;
    private final int most;
    private final Map<String, Lane> lanes = new ConcurrentHashMap<>();
    private final AtomicLong toldNanos;
    private final Set<String> owed = ConcurrentHashMap.newKeySet();
    private final Set<String> failing = ConcurrentHashMap.newKeySet();

    public GivingBack(StoredCredentials stored, ProvenanceLog log, CredentialListener listener, LongSupplier nanoTime) {
        this(stored, log, listener, nanoTime, MOST_OWED);
    }

    /** @param most how many credentials of one upstream are held */
    GivingBack(
            StoredCredentials stored, ProvenanceLog log, CredentialListener listener, LongSupplier nanoTime, int most) {
        this.stored = stored;
        this.log = log;
        this.listener = listener;
        this.nanoTime = nanoTime;
        this.most = most;
        this.toldNanos = new AtomicLong(nanoTime.getAsLong() - TOLD_EVERY.toNanos());
    }

    /** How many credentials are to be given back, including those that wait in the store. */
    public int size() {
        return owed.size() + lanes.values().stream().mapToInt(Lane::waiting).sum();
    }

    private Lane lane(PendingReturn credential) {
        return lanes.computeIfAbsent(credential.upstream(), name -> new Lane(most, this::attempt));
    }

    /** Begins to give a credential back; does nothing if this has begun already, or if no server can take it back. */
    void owe(PendingReturn credential) {
        if (!credential.minter().isTakenBack() || !owed.add(credential.id())) {
            return;
        }
        Lane lane = lane(credential);
        if (lane.enter()) {
            lane.emit(credential);
            return;
        }
        owed.remove(credential.id());
        boolean left = stored.store().isSealed();
        if (left && credential.instance().equals(stored.instance())) {
            lane.wait(credential.id());
        } else if (!left) {
            listener.gaveBack(Outcome.LAPSED);
        }
        long now = nanoTime.getAsLong();
        long told = toldNanos.get();
        if (now - told >= TOLD_EVERY.toNanos() && toldNanos.compareAndSet(told, now)) {
            LOG.warn(
                    "upstream={}: more than {} credentials are to be given back; {}",
                    credential.upstream(),
                    most,
                    left ? "the others wait in the store" : "the others end by their own expiry");
        }
    }

    /** The ids of this replica's credentials that wait in the store and for which there is room now. */
    Set<String> takeUp() {
        Set<String> ids = new HashSet<>();
        lanes.values().forEach(lane -> ids.addAll(lane.takeUp()));
        return ids;
    }

    /** Forgets ids of credentials that no longer wait in the store: they were read from it, or are gone. */
    void forget(Set<String> ids) {
        lanes.values().forEach(lane -> ids.forEach(lane::forget));
    }

    private Mono<Void> attempt(PendingReturn credential) {
        // The server is asked at least once: it may keep a credential for longer than it said.
        if (credential.attempts() > 0 && nanoTime.getAsLong() - credential.endNanos() >= 0) {
            return over(credential, Outcome.LAPSED);
        }
        return Mono.defer(() -> credential.minter().giveBack(credential.sent()))
                .timeout(ANSWER)
                .then(Mono.defer(() -> taken(credential)))
                .onErrorResume(refused -> {
                    again(credential, refused);
                    return Mono.empty();
                });
    }

    private Mono<Void> taken(PendingReturn credential) {
        if (failing.remove(credential.upstream())) {
            LOG.info("upstream={} takes credentials back again", credential.upstream());
        }
        return over(credential, Outcome.REVOKED)
                .then(log.append(new ProvenanceRecord.Credential(
                        Instant.now(),
                        credential.task(),
                        credential.upstream(),
                        ProvenanceRecord.Credential.GIVEN_BACK,
                        hash(credential))))
                .onErrorResume(unwritable -> {
                    LOG.warn("a credential was given back, and the log does not have it: {}", unwritable.getMessage());
                    return Mono.empty();
                });
    }

    private static String hash(PendingReturn credential) {
        return "sha-256:" + credential.id();
    }

    private Mono<Void> over(PendingReturn credential, Outcome outcome) {
        listener.gaveBack(outcome);
        return stored.remove(credential.instance(), credential.id()).doFinally(done -> gone(credential));
    }

    private void gone(PendingReturn credential) {
        if (owed.remove(credential.id())) {
            lane(credential).leave();
        }
    }

    private void again(PendingReturn credential, Throwable refused) {
        listener.gaveBack(Outcome.FAILED);
        if (failing.add(credential.upstream())) {
            LOG.warn(
                    "upstream={} takes no credential back ({}); it is asked again until the credential ends",
                    credential.upstream(),
                    refused.getClass().getSimpleName());
        }
        long delay = Math.min(LATEST_MILLIS, EARLIEST_MILLIS << Math.min(credential.attempts(), 10));
        try {
            Schedulers.parallel()
                    .schedule(() -> lane(credential).emit(credential.again()), delay, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException stopping) {
            gone(credential);
        }
    }

    /** Completes when nothing is owed any more, or after that time. */
    Mono<Void> settled(Duration atMost) {
        return Flux.interval(Duration.ZERO, Duration.ofMillis(20))
                .takeUntil(tick -> owed.isEmpty())
                .then()
                .timeout(atMost, Mono.empty());
    }

    /**
     * The credentials that are to be given back to one upstream, 64 at once. An upstream that hangs holds up its own lane and
     * no other. Beyond the bound only a credential's id is kept; the credential is read from the store when there is room.
     * Thread-safe, never blocking.
     */
    private static final class Lane {
        private static final int AT_ONCE = 64;

        /** How many ids are remembered. Those beyond are given back by another replica once this one is gone, or end by themselves. */
        private static final int MOST_IDS = 200_000;

        private final int most;
        private final AtomicInteger size = new AtomicInteger();
        private final Set<String> beyond = ConcurrentHashMap.newKeySet();
        private final Sinks.Many<PendingReturn> queue = Sinks.many().unicast().onBackpressureBuffer();

        /**
         * @param most how many are held
         * @param attempt asks the upstream for one; never fails
         */
        Lane(int most, Function<PendingReturn, Mono<Void>> attempt) {
            this.most = most;
            queue.asFlux().flatMap(attempt, AT_ONCE).subscribe();
        }

        /** Takes room for one more; false if the lane is full. */
        boolean enter() {
            if (size.incrementAndGet() > most) {
                size.decrementAndGet();
                return false;
            }
            return true;
        }

        /** A credential is given back or has ended, and makes room. */
        void leave() {
            size.decrementAndGet();
        }

        /** Queues a credential that has entered, to be given back now. */
        synchronized void emit(PendingReturn credential) {
            queue.tryEmitNext(credential);
        }

        /** Remembers the id of a credential that waits in the store. */
        void wait(String id) {
            if (beyond.size() < MOST_IDS) {
                beyond.add(id);
            }
        }

        /** Ids of those that wait in the store, as many as fill half of the lane; none while the lane is more than half full. */
        Set<String> takeUp() {
            int half = Math.max(1, most / 2);
            return size.get() > half ? Set.of() : beyond.stream().limit(half).collect(Collectors.toSet());
        }

        /** Forgets an id; false if it was not remembered. */
        boolean forget(String id) {
            return beyond.remove(id);
        }

        /** How many wait in the store. */
        int waiting() {
            return beyond.size();
        }
    }
}
