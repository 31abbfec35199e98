package dev.errand.credential;

import dev.errand.state.LeftCredential;
import dev.errand.state.LeftCredentials;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Leaves in the store, for the case that this replica dies, each credential that a server can take back, and a sign of life.
 * Without a key of use {@code state} nothing is left. Thread-safe, never blocking.
 */
public final class StoredCredentials {
    /** How long a sign of life holds. After that other replicas may give back this replica's credentials. */
    static final Duration LIFE = Duration.ofSeconds(8);

    private static final Duration FRESH = Duration.ofSeconds(3);
    private static final Logger LOG = LoggerFactory.getLogger(StoredCredentials.class);

    private final LeftCredentials left;
    private final String instance;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private volatile @Nullable Long signedNanos;

    /** @param instance a name that no other process has, nor this one after a restart */
    public StoredCredentials(LeftCredentials left, String instance, Clock clock, LongSupplier nanoTime) {
        this.left = left;
        this.instance = instance;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    String instance() {
        return instance;
    }

    LeftCredentials store() {
        return left;
    }

    /** When a credential ends that still lasts this long, epoch milliseconds. */
    private long untilMillis(Duration lasts) {
        return clock.millis() + lasts.toMillis();
    }

    /** How long a credential in the store still lasts. */
    Duration lasts(LeftCredential credential) {
        return Duration.ofMillis(Math.max(0, credential.untilMillis() - clock.millis()));
    }

    /** Leaves a credential in the store, after a fresh sign of life, if its server can take it back and a key seals it. */
    Mono<Void> keep(LeaseSlot slot, Lease lease) {
        Minter minter = slot.of.minter();
        if (!minter.isTakenBack() || !left.isSealed()) {
            return Mono.empty();
        }
        Secret sent = lease.sent();
        LeftCredential credential = new LeftCredential(
                PendingReturn.id(sent),
                slot.task.task(),
                slot.of.upstream(),
                minter.kind(),
                untilMillis(lease.left(nanoTime.getAsLong())),
                sent.reveal("").getBytes(StandardCharsets.UTF_8));
        Long signed = signedNanos;
        boolean fresh = signed != null && nanoTime.getAsLong() - signed < FRESH.toNanos();
        Mono<Void> leave = left.leave(instance, credential);
        return fresh ? leave : sign().then(leave);
    }

    /** Gives a sign of life; true if the last one had run out, so that other replicas may have given all credentials back. */
    Mono<Boolean> sign() {
        return Mono.defer(() -> {
            boolean first = signedNanos == null;
            return left.alive(instance, LIFE).map(held -> {
                signedNanos = nanoTime.getAsLong();
                return !held && !first;
            });
        });
    }

    /** Whether a sign of life was given, so that there may be something left. */
    boolean isSigned() {
        return signedNanos != null;
    }

    /** Removes a credential that was given back or has ended. Never fails: one that stays in the store ends with its lease. */
    Mono<Void> remove(String whose, String id) {
        if (!left.isSealed()) {
            return Mono.empty();
        }
        return left.remove(whose, id).onErrorResume(away -> {
            LOG.debug("a credential that is over stays in the store: {}", away.getMessage());
            return Mono.empty();
        });
    }

    /** This replica stops: the other replicas give back what it has not. */
    Mono<Void> gone() {
        return isSigned() ? left.gone(instance).then(left.forget(instance)).onErrorComplete() : Mono.empty();
    }
}
