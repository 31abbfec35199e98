package dev.errand.credential;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.sequence.SequencePolicy;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import dev.errand.upstream.CallTask;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The credentials that this replica holds for tasks, at most {@value #MAX_LIVE}: one for each task and upstream. A credential is
 * used only after it is in the log and in the store, and the state says that its task still runs. Thread-safe, never blocking.
 */
public final class TaskCredentials {
    /** How many are held at most; the least recently used is given back first. */
    public static final int MAX_LIVE = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(TaskCredentials.class);

    /** How long obtaining a credential may take. */
    private static final Duration LONGEST = Duration.ofSeconds(2);

    /** How long a replaced credential is kept for the calls under way that use it. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final TaskStore store;
    private final ProvenanceLog log;
    private final StoredCredentials leaving;
    private final GivingBack givingBack;
    private final LongSupplier nanoTime;
    private final HeldCredentials held = new HeldCredentials(MAX_LIVE);
    private final Cache<Planned, StepWindow> windows =
            Caffeine.newBuilder().maximumSize(256).build();

    /** Credentials that were replaced a moment ago, and that calls under way may still use. */
    private final Set<PendingReturn> replaced = ConcurrentHashMap.newKeySet();

    private volatile boolean stopping;

    private record Planned(SequencePolicy plan, Set<String> catalogues) {}

    public TaskCredentials(
            TaskStore store,
            ProvenanceLog log,
            StoredCredentials leaving,
            GivingBack givingBack,
            LongSupplier nanoTime) {
        this.store = store;
        this.log = log;
        this.leaving = leaving;
        this.givingBack = givingBack;
        this.nanoTime = nanoTime;
    }

    /** How many credentials of the kind are held. */
    public int count(String kind) {
        return held.count(kind);
    }

    /** The place of a task's credential, which one more call now has. */
    LeaseSlot enter(TaskCredential of, CallTask task) {
        while (true) {
            HeldCredentials.Found found =
                    held.get(of.minter(), task.key(), () -> new LeaseSlot(of, task, this::exchange, nanoTime));
            found.out().forEach(this::close);
            if (found.place().enter(task)) {
                return found.place();
            }
            held.remove(found.place());
        }
    }

    /** A call is over. */
    void leave(LeaseSlot place) {
        if (!place.leave()) {
            return;
        }
        if (place.closeIfEmpty()) {
            end(place);
        } else if (place.of.when() == CredentialLifetime.STEP) {
            look(place).subscribe(done -> {}, away -> {});
        }
    }

    private Mono<Lease> exchange(LeaseSlot place, @Nullable Lease before) {
        Minter minter = place.of.minter();
        return Mono.defer(() -> before == null ? minter.mint(place.task) : minter.renew(place.task, before))
                .timeout(LONGEST)
                .onErrorMap(TaskCredentials::unavailable)
                .flatMap(lease -> ready(place, before, lease));
    }

    private static Throwable unavailable(Throwable cause) {
        if (cause instanceof CredentialUnavailableException || cause instanceof NotAttestedException) {
            return cause;
        }
        return new CredentialUnavailableException(
                cause instanceof TimeoutException
                        ? "the credential could not be obtained within " + LONGEST.toSeconds() + " s"
                        : "the credential could not be obtained ("
                                + cause.getClass().getSimpleName() + ")");
    }

    private Mono<Lease> ready(LeaseSlot place, @Nullable Lease before, Lease lease) {
        boolean same = before != null && before.sent().equals(lease.sent());
        Mono<Void> recorded = same
                ? Mono.empty()
                : log.append(new ProvenanceRecord.Credential(
                        Instant.now(),
                        place.task.task(),
                        place.of.upstream(),
                        ProvenanceRecord.Credential.MINTED,
                        lease.hash()));
        return Mono.whenDelayError(recorded, leaving.keep(place, lease), running(place))
                .onErrorResume(unusable -> {
                    if (!same) {
                        giveBack(place, lease);
                    }
                    return Mono.error(told(place, unusable));
                })
                .then(Mono.fromSupplier(() -> {
                    if (before != null && !same) {
                        later(place, before);
                    }
                    return lease;
                }));
    }

    private Throwable told(LeaseSlot place, Throwable unusable) {
        List<Throwable> causes = Exceptions.unwrapMultiple(unusable);
        Throwable first = causes.stream()
                .filter(TaskOverException.class::isInstance)
                .findFirst()
                .orElse(causes.get(0));
        if (first instanceof TaskOverException) {
            end(place);
            return first;
        }
        return new CredentialUnavailableException("a credential was obtained and cannot be used: "
                + first.getClass().getSimpleName());
    }

    private Mono<Void> running(LeaseSlot place) {
        return asked(place)
                .flatMap(outcome -> outcome instanceof TaskOutcome.Ended ended
                        ? Mono.error(new TaskOverException(ended.state().wire()))
                        : Mono.empty());
    }

    /** Asks for the state of the task and of its root: a task without a record in the store is over. */
    private Mono<TaskOutcome> asked(LeaseSlot place) {
        CallTask task = place.task;
        return store.apply(task.key(), task.policy(), new TaskStep.Look(List.of(task.root())));
    }

    private void later(LeaseSlot place, Lease lease) {
        PendingReturn owed = owed(place, lease);
        replaced.add(owed);
        if (stopping) {
            giveBackReplaced();
            return;
        }
        Schedulers.parallel()
                .schedule(
                        () -> {
                            if (replaced.remove(owed)) {
                                givingBack.owe(owed);
                            }
                        },
                        GRACE.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    /** Gives back all replaced credentials without waiting for {@link #GRACE}. */
    private void giveBackReplaced() {
        for (PendingReturn owed : replaced) {
            if (replaced.remove(owed)) {
                givingBack.owe(owed);
            }
        }
    }

    /** A server no longer knows this lease. */
    void lost(LeaseSlot place, Lease lease) {
        if (place.forget(lease)) {
            LOG.warn("upstream={} no longer accepts the credential of task={}", place.of.upstream(), place.task.task());
            // It is given back all the same: the server may have refused the call for another reason.
            giveBack(place, lease);
        }
    }

    void giveBack(LeaseSlot place, Lease lease) {
        givingBack.owe(owed(place, lease));
    }

    private PendingReturn owed(LeaseSlot place, Lease lease) {
        return new PendingReturn(
                leaving.instance(),
                place.task.task(),
                place.of.upstream(),
                place.of.minter(),
                lease.sent(),
                lease.endNanos(),
                0);
    }

    /** Asks for the state of a place's task, and gives the credentials back if the task, or its part of the plan, is over. */
    Mono<Void> look(LeaseSlot place) {
        return asked(place)
                .doOnNext(outcome -> {
                    if (outcome instanceof TaskOutcome.Ended) {
                        held.of(place.task.key()).forEach(this::end);
                    } else if (outcome instanceof TaskOutcome.Done done
                            && place.of.when() == CredentialLifetime.STEP
                            && !window(place).holds(done.progress().after())
                            && place.closeUnused()) {
                        end(place);
                    }
                })
                .then();
    }

    private StepWindow window(LeaseSlot place) {
        SequencePolicy plan = place.task.policy().sequence();
        return windows.get(
                new Planned(plan, place.catalogues()), asked -> StepWindow.of(asked.plan(), asked.catalogues()));
    }

    /** Whether this replica holds a credential of the task. */
    boolean has(dev.errand.task.TaskKey task) {
        return held.has(task);
    }

    List<LeaseSlot> of(dev.errand.task.TaskKey task) {
        return held.of(task);
    }

    List<LeaseSlot> all() {
        return held.all();
    }

    /** The credential is no longer needed. */
    void end(LeaseSlot place) {
        held.remove(place);
        close(place);
    }

    private void close(LeaseSlot place) {
        Lease last = place.close();
        if (last != null) {
            giveBack(place, last);
        }
    }

    /** Other replicas may have given back the credentials that this replica holds. It gets new ones. */
    void forgetAll() {
        for (LeaseSlot place : held.all()) {
            if (place.of.minter().isTakenBack()) {
                end(place);
            }
        }
    }

    /** This replica stops. It gives its credentials back within that time, and leaves the rest to other replicas. */
    public Mono<Void> stop(Duration atMost) {
        return Mono.defer(() -> {
            stopping = true;
            giveBackReplaced();
            held.all().forEach(this::end);
            return givingBack.settled(atMost).then(leaving.gone());
        });
    }
}
