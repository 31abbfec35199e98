package dev.errand.web.refusal;

import dev.errand.denial.StartReason;
import dev.errand.json.Printable;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.StartFacts;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.log.write.ProvenanceLog.LogUnavailableException;
import dev.errand.state.StandingErrand;
import dev.errand.task.TaskPolicy;
import dev.errand.token.ParameterValue;
import dev.errand.token.RootFacts;
import dev.errand.token.VerifiedChain;
import dev.errand.web.Caller;
import dev.errand.web.LineMarkers;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Records starts, granted and refused, and counts them. A refused start has a record and a WARN line with its reason. Beyond
 * {@value #PER_SECOND} of them in a second only their number is recorded, so that a flood fills no disk. The lines that strangers cause have
 * a smaller bound, which they share with all lines about strangers. Thread-safe.
 */
public final class StartRecords {
    /** How many refused starts are recorded one by one in a second. */
    static final int PER_SECOND = 100;

    private static final Logger LOG = LoggerFactory.getLogger("dev.errand.start");
    private static final int MAX_LOGGED = 300;

    private final ProvenanceLog log;
    private final Records records;
    private final TaskMetrics metrics;
    private final PerSecond bound;
    private final AtomicLong beyond = new AtomicLong();

    StartRecords(ProvenanceLog log, Records records, TaskMetrics metrics) {
        this.log = log;
        this.records = records;
        this.metrics = metrics;
        this.bound = new PerSecond(PER_SECOND, System::nanoTime);
    }

    /** Whether a start can be recorded at the moment. */
    public boolean isWritable() {
        return log.isWritable();
    }

    /** Records a granted start; ends with a {@link LogUnavailableException} if it cannot be. */
    public Mono<Void> granted(StartFacts facts) {
        return log.append(new ProvenanceRecord.Start(Instant.now(), null, null, facts, records.gateway()))
                .doOnSuccess(nothing -> metrics.started(facts.template(), null));
    }

    /**
     * Records what became of a request for a task that a human is asked for; ends with a {@link LogUnavailableException} if it cannot be.
     *
     * @param made makes the record from its time and the name of this gateway
     */
    public Mono<Void> asked(BiFunction<Instant, String, ProvenanceRecord.StartRequest> made) {
        ProvenanceRecord.StartRequest record = made.apply(Instant.now(), records.gateway());
        return log.append(record).doOnSuccess(nothing -> metrics.asked(record.template(), record.what()));
    }

    /** As {@link #asked}; if the log is away, only a warning is logged. */
    public Mono<Void> askedIfPossible(BiFunction<Instant, String, ProvenanceRecord.StartRequest> made) {
        return asked(made).onErrorResume(LogUnavailableException.class, away -> {
            LOG.warn("what became of a request for a task is not recorded: {}", away.getMessage());
            return Mono.empty();
        });
    }

    /**
     * Records what became of a standing errand; ends with a {@link LogUnavailableException} if it cannot be.
     *
     * @param made makes the record from its time and the name of this gateway
     */
    public Mono<Void> standing(BiFunction<Instant, String, ProvenanceRecord.Standing> made) {
        ProvenanceRecord.Standing record = made.apply(Instant.now(), records.gateway());
        if (record.what().equals("run")) {
            metrics.run(record.template(), null);
        }
        return log.append(record);
    }

    /** As {@link #standing}; if the log is away, only a warning is logged. */
    public Mono<Void> standingIfPossible(BiFunction<Instant, String, ProvenanceRecord.Standing> made) {
        return standing(made).onErrorResume(LogUnavailableException.class, away -> {
            LOG.warn("what became of a standing errand is not recorded: {}", away.getMessage());
            return Mono.empty();
        });
    }

    /** Records that the caller's task, which is another anchor's, began by its first call. Never fails; the call's record does. */
    public Mono<Void> begun(Caller caller) {
        return begun(caller.chain(), caller.policy(), caller.taskLabel(), caller.registerUntilMillis());
    }

    /**
     * Records that the task of another anchor's root began. Never fails.
     *
     * @param untilMillis when it ends by itself, epoch milliseconds
     */
    public Mono<Void> begun(VerifiedChain chain, TaskPolicy policy, String task, long untilMillis) {
        StartFacts facts = of(chain, policy.template().isEmpty() ? null : policy);
        return granted(facts.begun(task, Instant.ofEpochMilli(untilMillis)))
                .onErrorComplete(LogUnavailableException.class);
    }

    /**
     * Records that another anchor's root starts no task. Never fails.
     *
     * @param policy the policy of the template that would have governed the task, or null
     * @param detail in a few words: why
     */
    public Mono<Void> refused(VerifiedChain chain, @Nullable TaskPolicy policy, StartReason reason, String detail) {
        return refused(of(chain, policy), null, reason, detail);
    }

    /**
     * Records a refused start. Never fails, since the caller is refused either way.
     *
     * @param error the OAuth error, or null where a call was refused
     * @param detail in a few words: why; only for the log
     */
    public Mono<Void> refused(StartFacts facts, @Nullable String error, StartReason reason, String detail) {
        return refused(facts, error, reason, detail, null);
    }

    /** Records that a run of a standing errand is refused, within the same bound. Never fails. */
    public Mono<Void> refusedRun(
            StandingErrand errand, StartFacts facts, String error, StartReason reason, String detail) {
        metrics.run(errand.template(), reason.code());
        return refused(
                facts,
                error,
                reason,
                detail,
                new ProvenanceRecord.Standing(
                        Instant.now(),
                        errand.id(),
                        "refused",
                        null,
                        reason.code(),
                        null,
                        errand.template(),
                        errand.human(),
                        errand.agent(),
                        null,
                        records.gateway()));
    }

    private Mono<Void> refused(
            StartFacts facts,
            @Nullable String error,
            StartReason reason,
            String detail,
            ProvenanceRecord.@Nullable Standing run) {
        metrics.started(facts.template(), reason);
        if (!bound.take()) {
            beyond.incrementAndGet();
            return Mono.empty();
        }
        LOG.warn(
                reason.isByPolicy() ? LineMarkers.VERIFIED : LineMarkers.UNVERIFIED,
                "start refused reason={} error={} template={} agent={} detail=\"{}\"",
                reason.code(),
                error,
                facts.template(),
                facts.agent() == null ? null : Printable.quoted(facts.agent(), MAX_LOGGED),
                Printable.quoted(detail, MAX_LOGGED));
        return (run == null ? Mono.<Void>empty() : log.append(run))
                .then(log.append(new ProvenanceRecord.Start(Instant.now(), error, reason, facts, records.gateway())))
                .onErrorComplete(LogUnavailableException.class);
    }

    /** Records how many refused starts were not recorded one by one since the last call; called once a second. */
    Mono<Void> flush() {
        long count = beyond.getAndSet(0);
        if (count == 0) {
            return Mono.empty();
        }
        LOG.warn(LineMarkers.UNVERIFIED, "starts refused beyond {} a second: count={}", PER_SECOND, count);
        return log.append(new ProvenanceRecord.StartsRefused(Instant.now(), count, records.gateway()))
                .doOnError(e -> beyond.addAndGet(count))
                .onErrorComplete();
    }

    private static StartFacts of(VerifiedChain chain, @Nullable TaskPolicy policy) {
        RootFacts root = chain.root();
        Map<String, ParameterValue> parameters =
                root.named() == null ? Map.of() : root.named().parameters();
        return new StartFacts(
                null,
                policy == null ? null : policy.template(),
                policy == null ? null : policy.revision(),
                policy == null ? null : parameters,
                root.human(),
                root.actor(),
                chain.rootToken().instruction(),
                null,
                null,
                null);
    }
}
