package dev.errand.fleet;

import dev.errand.jose.SigningKeys;
import dev.errand.state.RegularWork;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.redis.SealedTable;
import dev.errand.token.CompactJws;
import dev.errand.token.SignatureVerifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * The replicas of the fleet. Each writes a signed entry with the store's time every {@value #BEAT_SECONDS} s, and
 * removes the entry when it stops. The entry of a lost replica stays until the replica returns or an operator gives up
 * its log. Thread-safe; only {@link #close} blocks.
 */
public final class Replicas implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Replicas.class);

    static final int BEAT_SECONDS = 3;
    private static final Duration SIGN_OFF = Duration.ofSeconds(2);
    private static final Retry AGAIN = Retry.fixedDelay(10, Duration.ofMillis(150));

    /** How long replicas may differ without a warning, in nanoseconds. During an upgrade they differ for a while. */
    private static final long DIFFER_NANOS = Duration.ofSeconds(60).toNanos();

    private final SealedTable table;
    private final LogKeySignatures signatures;
    private final String instance;
    private final Map<String, Known> known = new HashMap<>();
    private volatile Seen seen = new Seen(List.of(), 0);
    private volatile @Nullable Long differSinceNanos;
    private @Nullable Disposable beating;

    /** @param text the text of a verified entry */
    private record Known(String text, Replica replica) {}

    /**
     * The replicas as they were last read.
     *
     * @param nowMillis the store's time then, epoch milliseconds
     */
    public record Seen(List<Replica> replicas, long nowMillis) {
        public Seen {
            replicas = List.copyOf(replicas);
        }

        /** The replicas whose last sign of life is too old. */
        public List<Replica> lost() {
            return replicas.stream().filter(each -> each.isLost(nowMillis)).toList();
        }
    }

    /** @param instance the name of this replica */
    public Replicas(SealedTable table, SigningKeys keys, SignatureVerifier signatures, String instance) {
        this.table = table;
        this.signatures = new LogKeySignatures(keys, signatures);
        this.instance = instance;
    }

    /** The name of this replica. */
    public String instance() {
        return instance;
    }

    /**
     * Starts to write signs of life.
     *
     * @param self what this replica now tells about itself
     */
    public synchronized void start(Supplier<Replica> self) {
        if (beating == null) {
            beating = RegularWork.every(
                    Duration.ZERO, Duration.ofSeconds(BEAT_SECONDS), "this replica cannot sign on", () -> beat(self));
        }
    }

    private Mono<Void> beat(Supplier<Replica> self) {
        return table.time()
                .map(now -> signatures.sign(Replica.TYPE, self.get().seen(now).claims()))
                .flatMap(entry -> table.put(instance, entry))
                .then(read())
                .doOnNext(this::compare)
                .then();
    }

    /** Reads all replicas, sorted by name. */
    public Mono<Seen> read() {
        return table.read().map(rows -> {
            List<Replica> replicas = new ArrayList<>();
            rows.texts().forEach((name, text) -> verified(name, text).ifPresent(replicas::add));
            replicas.sort(Comparator.comparing(Replica::instance));
            seen = new Seen(replicas, rows.nowMillis());
            return seen;
        });
    }

    /** The replicas as they were last read. */
    public Seen last() {
        return seen;
    }

    private Optional<Replica> verified(String name, String text) {
        synchronized (known) {
            Known before = known.get(name);
            if (before != null && before.text().equals(text)) {
                return Optional.of(before.replica());
            }
            Optional<Replica> replica = signatures
                    .verify(Replica.TYPE, text)
                    .flatMap((CompactJws entry) -> Replica.read(entry))
                    .filter(found -> found.instance().equals(name));
            if (known.size() > SealedTable.MOST) {
                known.clear();
            }
            replica.ifPresent(found -> known.put(name, new Known(text, found)));
            return replica;
        }
    }

    private void compare(Seen now) {
        long ways = now.replicas().stream()
                .filter(each -> !each.isLost(now.nowMillis()))
                .map(each -> each.revision() + " " + each.mode())
                .distinct()
                .count();
        if (ways <= 1) {
            differSinceNanos = null;
        } else if (differSinceNanos == null) {
            differSinceNanos = System.nanoTime();
        }
    }

    /** Whether the running replicas have differed in revision or mode for more than a minute. */
    public boolean differ() {
        Long since = differSinceNanos;
        return since != null && System.nanoTime() - since > DIFFER_NANOS;
    }

    /** The result of {@link #giveUp}. */
    public enum GivenUp {
        GONE,
        UNKNOWN,
        /** It has given a sign of life lately. */
        RUNS
    }

    /** Gives up the log of a lost replica. */
    public Mono<GivenUp> giveUp(String name) {
        return read().flatMap(now -> {
            Replica found = now.replicas().stream()
                    .filter(each -> each.instance().equals(name))
                    .findFirst()
                    .orElse(null);
            if (found == null) {
                return Mono.just(GivenUp.UNKNOWN);
            }
            return found.isLost(now.nowMillis())
                    // The log is given up by this removal, even if the table cannot be read again.
                    ? table.remove(List.of(name))
                            .then(read().onErrorComplete(StoreUnavailableException.class))
                            .thenReturn(GivenUp.GONE)
                    : Mono.just(GivenUp.RUNS);
        });
    }

    /** Removes the entry of this replica, and waits for that two seconds at most. */
    @Override
    public synchronized void close() {
        if (beating == null) {
            return;
        }
        beating.dispose();
        beating = null;
        try {
            Mono.defer(() -> table.remove(List.of(instance))).retryWhen(AGAIN).block(SIGN_OFF);
        } catch (StoreUnavailableException | IllegalStateException e) {
            LOG.warn("this replica could not sign off, so that the others will show it as lost: {}", e.getMessage());
        }
    }
}
