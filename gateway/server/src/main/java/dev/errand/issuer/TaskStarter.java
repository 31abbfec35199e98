package dev.errand.issuer;

import dev.errand.denial.StartReason;
import dev.errand.fleet.StartedTasks;
import dev.errand.jose.SigningKey;
import dev.errand.jose.SigningKeys;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.write.ProvenanceLog.LogUnavailableException;
import dev.errand.loop.Uncancelled;
import dev.errand.policy.StoredPolicies;
import dev.errand.state.IndexedTask;
import dev.errand.state.KeptAnswer;
import dev.errand.state.StartStore;
import dev.errand.state.StartStore.Claim;
import dev.errand.state.TaskStore;
import dev.errand.task.Task;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.template.StartLimits;
import dev.errand.template.Template;
import dev.errand.token.Base64Url;
import dev.errand.token.HolderKey;
import dev.errand.token.SpiffeId;
import dev.errand.token.TokenId;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/**
 * Executes a granted start. The task is started before the subject token is claimed. A crash between the two leaves a task that nobody
 * has a token for, and that expires. In the other order a crash would leave a used subject token without a task. Thread-safe.
 *
 * @param policies the policy that a task of a template starts under
 */
record TaskStarter(
        StartStore starts,
        TaskStore tasks,
        StartedTasks fleet,
        SigningKeys keys,
        IssuerSettings settings,
        Function<Template, TaskPolicy> policies,
        SecureRandom random,
        Clock clock) {
    /** How long a revision's text is kept after its last task. */
    private static final long REVISION_MARGIN_MILLIS = Duration.ofHours(1).toMillis();

    /** Whether this replica has a key that signs root tokens now. */
    boolean issues() {
        return keys.issuingKey().isPresent();
    }

    /** @param repeated answers the same request, if another one was first to claim the subject token */
    Mono<Answer> start(
            SpiffeId agent,
            HolderKey holder,
            SubjectToken subject,
            Grant grant,
            String requestHash,
            StartAttempt attempt,
            Function<Claim, Mono<Answer>> repeated) {
        StartClaim claim = StartClaim.of(starts, subject.hash(), requestHash);
        return start(agent, holder, subject, grant, claim, attempt, repeated);
    }

    /** @param repeated answers the request, if the start does not count since another one was first */
    Mono<Answer> start(
            SpiffeId agent,
            HolderKey holder,
            SubjectToken subject,
            Grant grant,
            StartClaim claim,
            StartAttempt attempt,
            Function<Claim, Mono<Answer>> repeated) {
        attempt.granted(grant);
        Optional<SigningKey> key = keys.issuingKey();
        if (key.isEmpty()) {
            return attempt.refused(Refusal.issuesNothing());
        }
        if (!attempt.isRecordable()) {
            return attempt.refused(AwayLog.SHARED.refuse(Dependency.LOG, "it cannot be written"));
        }
        long nowSeconds = clock.instant().getEpochSecond();
        String taskId = "t-" + randomText();
        RootToken root = RootToken.sign(
                key.get(),
                settings.issuer(),
                StartSheet.jtiOf(taskId),
                taskId,
                nowSeconds,
                holder,
                agent,
                subject,
                grant);
        if (root.compact().length() > RootToken.MAX_BYTES) {
            return attempt.refused(StartReason.SIZE, OauthError.INVALID_AUTHORIZATION_DETAILS, RootToken.TOO_LONG);
        }
        String startKey = StartKey.of(grant.template().name(), subject.human(), agent.toString());
        StartedTask started = new StartedTask(root.compact(), root.expiry(), root.details(), taskId);
        KeptAnswer kept = sheet(root, key.get(), taskId, nowSeconds, grant, subject, agent);
        IndexedTask entry = new IndexedTask(
                taskId,
                grant.template().name(),
                subject.human(),
                agent.toString(),
                clock.millis(),
                root.expiry() * 1000);
        // A task, its claim and its record belong together: they are completed even if the agent's connection is lost.
        return Uncancelled.of(starts.saveRevision(
                        grant.template().revision(),
                        grant.template().text(),
                        untilMillis(root, subject) + REVISION_MARGIN_MILLIS)
                .then(savePlan(root, subject, grant))
                .then(admit(startKey, taskId, root, grant))
                .flatMap(wait -> wait.isPresent()
                        ? attempt.refused(tooMany(wait.get()))
                        : run(root, started, entry, kept, subject, grant, claim, attempt, repeated)
                                .flatMap(answer -> answer.started()
                                        ? Mono.just(answer.answer())
                                        : starts.release(startKey, taskId).thenReturn(answer.answer()))
                                .onErrorResume(e -> starts.release(startKey, taskId)
                                        .onErrorComplete()
                                        .then(Mono.error(e)))));
    }

    private Mono<Void> savePlan(RootToken root, SubjectToken subject, Grant grant) {
        String plan = grant.plan();
        return plan == null
                ? Mono.empty()
                : starts.saveRevision(
                        StoredPolicies.planName(String.valueOf(grant.bounds().sequence())),
                        plan,
                        untilMillis(root, subject) + REVISION_MARGIN_MILLIS);
    }

    private Mono<Optional<Duration>> admit(String startKey, String taskId, RootToken root, Grant grant) {
        StartLimits limits = grant.template().admission().starts();
        if (limits.equals(StartLimits.NONE)) {
            return Mono.just(Optional.empty());
        }
        Mono<Optional<Duration>> ask =
                starts.admit(startKey, taskId, root.expiry() * 1000, limits.active(), limits.limit());
        return ask.flatMap(wait -> wait.filter(Duration::isZero).isPresent()
                ? releaseEnded(startKey, policies.apply(grant.template())).then(ask)
                : Mono.just(wait));
    }

    /** Frees the places of this start key's tasks that are over: a task that was interrupted may still have its place. */
    private Mono<Void> releaseEnded(String startKey, TaskPolicy policy) {
        return starts.active(startKey)
                .flatMapIterable(ids -> ids)
                .flatMap(
                        id -> tasks.apply(new TaskKey(id), policy, new TaskStep.Look())
                                .filter(TaskStarter::isOver)
                                .flatMap(over -> starts.release(startKey, id)),
                        8)
                .then();
    }

    private static boolean isOver(TaskOutcome outcome) {
        return outcome instanceof TaskOutcome.Ended
                || (outcome instanceof TaskOutcome.Done looked && looked.state() != TaskState.ACTIVE);
    }

    /** An answer, and whether it is about the new task. */
    private record Result(Answer answer, boolean started) {}

    private static KeptAnswer sheet(
            RootToken root,
            SigningKey key,
            String taskId,
            long nowSeconds,
            Grant grant,
            SubjectToken subject,
            SpiffeId agent) {
        JsonObject run = grant.standing();
        return new StartSheet(
                        taskId,
                        nowSeconds,
                        grant.lifetimeSeconds(),
                        StartSheet.keyOf(key.id()),
                        grant.template().revision(),
                        StartSheet.hashOf(root),
                        grant.template().name(),
                        subject.human(),
                        agent.toString(),
                        grant.plan() == null ? null : grant.bounds().sequence(),
                        run == null ? "" : String.valueOf(run.string("id")),
                        run == null || !(run.get("run") instanceof JsonNumber number) ? 0 : (int) number.asLong(),
                        run == null || grant.bounds().calls() == null
                                ? 0
                                : grant.bounds().calls())
                .write();
    }

    /** Until when a start is kept: while its subject token could start another task, and while its own task may run. */
    private long untilMillis(RootToken root, SubjectToken subject) {
        return Math.max(
                subject.expiry() * 1000 + settings.leeway().toMillis() + 1000,
                root.expiry() * 1000 + Task.MARGIN_MILLIS);
    }

    private Mono<Result> run(
            RootToken root,
            StartedTask started,
            IndexedTask entry,
            KeptAnswer kept,
            SubjectToken subject,
            Grant grant,
            StartClaim counting,
            StartAttempt attempt,
            Function<Claim, Mono<Answer>> repeated) {
        TaskKey key = new TaskKey(started.taskId());
        TaskPolicy policy = policies.apply(grant.template());
        TokenId subjectId = new TokenId(subject.hash());
        return tasks.apply(key, policy, new TaskStep.Start(root.id(), root.expiry() * 1000, subjectId))
                .flatMap(outcome -> outcome instanceof TaskOutcome.Done
                        ? fleet.enter(entry)
                                .flatMap(entered -> entered == StartedTasks.Entry.ENTERED
                                        ? counting.claim(started, kept, untilMillis(root, subject))
                                                .flatMap(claim -> claim instanceof Claim.Claimed
                                                        ? recorded(key, policy, root, started, entry, attempt, counting)
                                                        : undo(key, policy, root, entry)
                                                                .then(Mono.defer(() -> repeated.apply(claim)))
                                                                .map(answer -> new Result(answer, false)))
                                        : undo(key, policy, root, entry)
                                                .then(Mono.defer(() -> attempt.refused(notTaken(entered))))
                                                .map(answer -> new Result(answer, false)))
                        : attempt.refused(AwayLog.SHARED.refuse(Dependency.STATE, "a new task's record was not taken"))
                                .map(answer -> new Result(answer, false)));
    }

    /** Answers the start once it is recorded. If that fails, ends its task, and frees the subject token for another start. */
    private Mono<Result> recorded(
            TaskKey key,
            TaskPolicy policy,
            RootToken root,
            StartedTask started,
            IndexedTask entry,
            StartAttempt attempt,
            StartClaim counting) {
        return attempt.begun(started.taskId(), started.expiry())
                .then(counting.recorded())
                .then(Mono.fromSupplier(
                        () -> new Result(started.answer(clock.instant().getEpochSecond()), true)))
                .onErrorResume(
                        LogUnavailableException.class,
                        e -> undo(key, policy, root, entry)
                                .then(counting.undo())
                                .then(Mono.defer(
                                        () -> attempt.refused(AwayLog.SHARED.refuse(Dependency.LOG, e.getMessage()))))
                                .map(answer -> new Result(answer, false)));
    }

    /** Ends the task of a start that is refused in the end. */
    private Mono<Void> undo(TaskKey key, TaskPolicy policy, RootToken root, IndexedTask entry) {
        return tasks.apply(key, policy, new TaskStep.Revoke(root.id())).then(fleet.leave(entry));
    }

    /** The refusal if the fleet takes no further task. */
    private static Refusal notTaken(StartedTasks.Entry entered) {
        return entered == StartedTasks.Entry.LOCKED
                ? Refusal.of(StartReason.LOCK, OauthError.ACCESS_DENIED, "an operator lets no such task start now")
                : new Refusal(
                        OauthError.TOO_MANY,
                        "the gateway runs as many tasks as it may at once: start this one when another has ended",
                        Map.of("Retry-After", "60"),
                        StartReason.STARTS,
                        null);
    }

    private static Refusal tooMany(Duration wait) {
        long seconds = (wait.toMillis() + 999) / 1000;
        return new Refusal(
                OauthError.TOO_MANY,
                seconds == 0
                        ? "as many tasks as the template allows are active: end one"
                        : "tasks of this template are started too often",
                seconds == 0 ? Map.of() : Map.of("Retry-After", Long.toString(seconds)),
                StartReason.STARTS,
                null);
    }

    private String randomText() {
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        return Base64Url.encode(bytes);
    }
}
