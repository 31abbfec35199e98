package dev.errand.gateway.issuer.start;

import dev.errand.bytes.Base64Url;
import dev.errand.delegation.HolderKey;
import dev.errand.gateway.issuer.Answer;
import dev.errand.gateway.issuer.AwayLog;
import dev.errand.gateway.issuer.Dependency;
import dev.errand.gateway.issuer.IssuerSettings;
import dev.errand.gateway.issuer.OauthError;
import dev.errand.gateway.issuer.Refusal;
import dev.errand.identity.SpiffeId;
import dev.errand.jose.SigningKey;
import dev.errand.jose.SigningKeys;
import dev.errand.state.StartStore;
import dev.errand.state.StartStore.Claim;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.task.template.start.StartLimits;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import reactor.core.publisher.Mono;

/**
 * Carries a granted start out. The task is started before the subject token is claimed: a crash between the two leaves a
 * task whose token nobody has, which expires; the other order would leave a claimed token whose task never was.
 * Thread-safe.
 */
public final class TaskStarter {
    /** How much longer than its last task a revision's text is kept. */
    private static final long REVISION_MARGIN_MILLIS = Duration.ofHours(1).toMillis();

    private final StartStore starts;
    private final TaskStore tasks;
    private final SigningKeys keys;
    private final IssuerSettings settings;
    private final boolean observe;
    private final SecureRandom random;
    private final Clock clock;

    /** @param observe whether the gateway only observes ({@code errand.mode}) */
    public TaskStarter(
            StartStore starts,
            TaskStore tasks,
            SigningKeys keys,
            IssuerSettings settings,
            boolean observe,
            SecureRandom random,
            Clock clock) {
        this.starts = starts;
        this.tasks = tasks;
        this.keys = keys;
        this.settings = settings;
        this.observe = observe;
        this.random = random;
        this.clock = clock;
    }

    /** Answers a request whose subject token was used before. */
    Answer answer(Claim claim) {
        return claim instanceof Claim.Same same
                ? StartedTask.read(same.response()).answer(clock.instant().getEpochSecond())
                : Refusal.of(OauthError.INVALID_GRANT, "the subject token has started another task")
                        .answer();
    }

    /** Whether this replica has a key that signs root tokens now. */
    boolean issues() {
        return keys.issuingKey().isPresent();
    }

    Mono<Answer> start(SpiffeId agent, HolderKey holder, SubjectToken subject, Grant grant, String requestHash) {
        Optional<SigningKey> key = keys.issuingKey();
        if (key.isEmpty()) {
            return Mono.just(Refusal.issuesNothing().answer());
        }
        long nowSeconds = clock.instant().getEpochSecond();
        String taskId = "t-" + randomText();
        RootToken root = RootToken.sign(
                key.get(), settings.issuer(), randomText(), taskId, nowSeconds, holder, agent, subject, grant);
        if (root.compact().length() > RootToken.MAX_BYTES) {
            return Mono.just(Refusal.of(
                            OauthError.INVALID_AUTHORIZATION_DETAILS,
                            "the token would be longer than chains may hold: ask for fewer tools")
                    .answer());
        }
        String startKey = StartKey.of(grant.template().name(), subject.human(), agent.toString());
        StartedTask started = new StartedTask(root.compact(), root.expiry(), root.details(), taskId);
        return starts.saveRevision(
                        grant.template().revision(),
                        grant.template().text(),
                        root.expiry() * 1000 + REVISION_MARGIN_MILLIS)
                .then(admit(startKey, taskId, root, grant))
                .flatMap(wait -> wait.isPresent()
                        ? Mono.just(tooMany(wait.get()))
                        : run(root, started, subject, grant, requestHash)
                                .flatMap(answer -> answer.started()
                                        ? Mono.just(answer.answer())
                                        : starts.release(startKey, taskId).thenReturn(answer.answer()))
                                .onErrorResume(e -> starts.release(startKey, taskId)
                                        .onErrorComplete()
                                        .then(Mono.error(e))));
    }

    private Mono<Optional<Duration>> admit(String startKey, String taskId, RootToken root, Grant grant) {
        StartLimits limits = grant.template().admission().starts();
        if (limits.equals(StartLimits.NONE)) {
            return Mono.just(Optional.empty());
        }
        Mono<Optional<Duration>> ask =
                starts.admit(startKey, taskId, root.expiry() * 1000, limits.active(), limits.limit());
        return ask.flatMap(wait -> wait.filter(Duration::isZero).isPresent()
                ? releaseEnded(startKey, grant.template().policy(observe)).then(ask)
                : Mono.just(wait));
    }

    /** An interruption knows nothing of start limits: tasks that it ended give their places up when they are missed. */
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

    /** An answer, and whether the new task is what it tells of. */
    private record Result(Answer answer, boolean started) {}

    private Mono<Result> run(
            RootToken root, StartedTask started, SubjectToken subject, Grant grant, String requestHash) {
        TaskKey key = new TaskKey(started.taskId());
        var policy = grant.template().policy(observe);
        long claimUntilMillis = subject.expiry() * 1000 + settings.leeway().toMillis() + 1000;
        return tasks.apply(key, policy, new TaskStep.Start(root.id(), root.expiry() * 1000))
                .flatMap(outcome -> outcome instanceof TaskOutcome.Done
                        ? starts.claimSubject(subject.hash(), requestHash, started.write(), claimUntilMillis)
                                .flatMap(claim -> claim instanceof Claim.Claimed
                                        ? Mono.just(new Result(
                                                started.answer(clock.instant().getEpochSecond()), true))
                                        : tasks.apply(key, policy, new TaskStep.Revoke(root.id()))
                                                .thenReturn(new Result(answer(claim), false)))
                        : Mono.just(new Result(
                                AwayLog.SHARED
                                        .refuse(Dependency.STATE, "a new task's record was not taken")
                                        .answer(),
                                false)));
    }

    private static Answer tooMany(Duration wait) {
        long seconds = (wait.toMillis() + 999) / 1000;
        return new Refusal(
                        OauthError.TOO_MANY,
                        seconds == 0
                                ? "as many tasks as the template allows are active: end one"
                                : "tasks of this template are started too often",
                        seconds == 0 ? Map.of() : Map.of("Retry-After", Long.toString(seconds)))
                .answer();
    }

    private String randomText() {
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        return Base64Url.encode(bytes);
    }
}
