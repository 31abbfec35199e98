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
    private final StoredCredentials stored;
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
            StoredCredentials stored,
            GivingBack givingBack,
            LongSupplier nanoTime) {
        this.store = store;
        this.log = log;
        this.stored = stored;
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
    void leave(LeaseSlot slot) {
        if (!slot.leave()) {
            return;
        }
        if (slot.closeIfEmpty()) {
            end(slot);
        } else if (slot.of.when() == CredentialLifetime.STEP) {
            look(slot).subscribe(done -> {}, away -> {});
        }
    }

    private Mono<Lease> exchange(LeaseSlot slot, @Nullable Lease before) {
        Minter minter = slot.of.minter();
        return Mono.defer(() -> before == null ? minter.mint(slot.task) : minter.renew(slot.task, before))
                .timeout(LONGEST)
                .onErrorMap(TaskCredentials::unavailable)
                .flatMap(lease -> ready(slot, before, lease));
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

    private Mono<Lease> ready(LeaseSlot slot, @Nullable Lease before, Lease lease) {
        boolean same = before != null && before.sent().equals(lease.sent());
        Mono<Void> recorded = same
                ? Mono.empty()
                : log.append(new ProvenanceRecord.Credential(
                        Instant.now(),
                        slot.task.task(),
                        slot.of.upstream(),
                        ProvenanceRecord.Credential.MINTED,
                        lease.hash()));
        return Mono.whenDelayError(recorded, stored.keep(slot, lease), running(slot))
                .onErrorResume(unusable -> {
                    if (!same) {
                        giveBack(slot, lease);
                    }
                    return Mono.error(told(slot, unusable));
                })
                .then(Mono.fromSupplier(() -> {
                    if (before != null && !same) {
                        later(slot, before);
                    }
                    return lease;
                }));
    }

    private Throwable told(LeaseSlot slot, Throwable unusable) {
        List<Throwable> causes = Exceptions.unwrapMultiple(unusable);
        Throwable first = causes.stream()
                .filter(TaskOverException.class::isInstance)
                .findFirst()
                .orElse(causes.get(0));
        if (first instanceof TaskOverException) {
            end(slot);
            return first;
        }
        return new CredentialUnavailableException("a credential was obtained and cannot be used: "
                + first.getClass().getSimpleName());
    }

    private Mono<Void> running(LeaseSlot slot) {
        return asked(slot)
                .flatMap(outcome -> outcome instanceof TaskOutcome.Ended ended
                        ? Mono.error(new TaskOverException(ended.state().wire()))
                        : Mono.empty());
    }

    /** Asks for the state of the task and of its root: a task without a record in the store is over. */
    private Mono<TaskOutcome> asked(LeaseSlot slot) {
        CallTask task = slot.task;
        return store.apply(task.key(), task.policy(), new TaskStep.Look(List.of(task.root())));
    }

    private void later(LeaseSlot slot, Lease lease) {
        PendingReturn owed = owed(slot, lease);
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
    void lost(LeaseSlot slot, Lease lease) {
        if (slot.forget(lease)) {
            LOG.warn("upstream={} no longer accepts the credential of task={}", slot.of.upstream(), slot.task.task());
            // It is given back all the same: the server may have refused the call for another reason.
            giveBack(slot, lease);
        }
    }

    void giveBack(LeaseSlot slot, Lease lease) {
        givingBack.owe(owed(slot, lease));
    }

    private PendingReturn owed(LeaseSlot slot, Lease lease) {
        return new PendingReturn(
                stored.instance(),
                slot.task.task(),
                slot.of.upstream(),
                slot.of.minter(),
                lease.sent(),
                lease.endNanos(),
                0);
    }

    /** Asks for the state of a place's task, and gives the credentials back if the task, or its part of the plan, is over. */
    Mono<Void> look(LeaseSlot slot) {
        return asked(slot)
                .doOnNext(outcome -> {
                    if (outcome instanceof TaskOutcome.Ended) {
                        held.of(slot.task.key()).forEach(this::end);
                    } else if (outcome instanceof TaskOutcome.Done done
                            && slot.of.when() == CredentialLifetime.STEP
                            && !window(slot).holds(done.progress().after())
                            && slot.closeUnused()) {
                        end(slot);
                    }
                })
                .then();
    }

    private StepWindow window(LeaseSlot slot) {
        SequencePolicy plan = slot.task.policy().sequence();
        return windows.get(
                new Planned(plan, slot.catalogues()), asked -> StepWindow.of(asked.plan(), asked.catalogues()));
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
    void end(LeaseSlot slot) {
        held.remove(slot);
        close(slot);
    }

    private void close(LeaseSlot slot) {
        Lease last = slot.close();
        if (last != null) {
            giveBack(slot, last);
        }
    }

    /** Other replicas may have given back the credentials that this replica holds. It gets new ones. */
    void forgetAll() {
        for (LeaseSlot slot : held.all()) {
            if (slot.of.minter().isTakenBack()) {
                end(slot);
            }
        }
    }

    /** This replica stops. It gives its credentials back within that time, and leaves the rest to other replicas. */
    public Mono<Void> stop(Duration atMost) {
        return Mono.defer(() -> {
            stopping = true;
            giveBackReplaced();
            held.all().forEach(this::end);
            return givingBack.settled(atMost).then(stored.gone());
        });
    }
}
