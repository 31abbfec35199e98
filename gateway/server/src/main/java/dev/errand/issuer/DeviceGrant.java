package dev.errand.issuer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.errand.denial.StartReason;
import dev.errand.issuer.AskedTask.Decided;
import dev.errand.issuer.AskedTask.State;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.loop.Uncancelled;
import dev.errand.state.StartStore;
import dev.errand.state.StartStore.Claim;
import dev.errand.token.HolderKey;
import dev.errand.token.Sha256;
import dev.errand.token.SpiffeId;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Starts a task that a human allowed (RFC 8628 section 3.4). Everything is judged anew for that human. The request starts one task; the
 * same request by the same key gets the same answer for a minute. Thread-safe, never blocking.
 */
record DeviceGrant(
        AskedTasks asked,
        StartStore starts,
        TaskStarter starter,
        Repetition repetition,
        StandingRuns standing,
        Clock clock) {
    static final String GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code";

    /** How long the same request gets the same answer. */
    static final long REPEATED_SECONDS = 60;

    private static final int CODE_LENGTH = 47;
    private static final Refusal STRANGE = Refusal.of(
            StartReason.USED,
            OauthError.INVALID_GRANT,
            "the device_code is not one of this agent and key, or was used");

    /** Answers a request of an agent that proved its key. */
    Mono<Answer> get(TokenRequest request, SpiffeId agent, HolderKey holder, StartAttempt attempt) {
        String code = request.form().get("device_code");
        if (code == null) {
            return attempt.refused(Refusal.of(OauthError.INVALID_REQUEST, "device_code is missing"));
        }
        return asked.find(isCode(code) ? first(code) : "")
                .flatMap(found -> found.filter(task -> isOf(task, code, agent, holder))
                        .map(task -> get(task, code, agent, holder, attempt))
                        .orElseGet(() -> attempt.refused(STRANGE)));
    }

    /** Whether a text has the form of a {@code device_code}. */
    static boolean isCode(String text) {
        return text.length() == CODE_LENGTH && AskedTasks.isHalf(first(text));
    }

    /** The first half of the {@code user_code}, with which the {@code device_code} begins. */
    static String first(String code) {
        return code.substring(0, 4);
    }

    /** Whether this agent asked for the task, for this key. */
    static boolean isOf(AskedTask task, String code, SpiffeId agent, HolderKey holder) {
        return MessageDigest.isEqual(
                        task.device().getBytes(US_ASCII),
                        Sha256.base64UrlOf(code).getBytes(US_ASCII))
                && task.agent().equals(agent.toString())
                && task.jkt().equals(holder.thumbprint().value());
    }

    private Mono<Answer> get(AskedTask task, String code, SpiffeId agent, HolderKey holder, StartAttempt attempt) {
        boolean over = task.isOver(clock.millis() / 1000);
        return switch (task.state()) {
            case REFUSED -> answered(OauthError.ACCESS_DENIED, "a human refused the task");
            case PENDING -> over ? expired() : pending(task);
            case ALLOWED, USED ->
                start(task, code, agent, holder, over, attempt)
                        .map(answer -> answer.status() == 200 && task.isStanding() ? standing(answer, code) : answer);
        };
    }

    private static Mono<Answer> expired() {
        return answered(OauthError.EXPIRED_TOKEN, "nobody allowed the task in time: ask for it again");
    }

    private static Mono<Answer> answered(OauthError error, String description) {
        return Mono.just(Refusal.of(error, description).answer());
    }

    private Mono<Answer> pending(AskedTask task) {
        if (!asked.isCurrent(task)) {
            return answered(
                    OauthError.ACCESS_DENIED, "the template no longer permits what was asked for: ask for it again");
        }
        AtomicBoolean soon = new AtomicBoolean();
        return asked.change(task.code().first(), now -> {
                    if (now.state() != State.PENDING || !now.id().equals(task.id())) {
                        return Optional.empty();
                    }
                    long millis = clock.millis();
                    AskedTask.Polling polling = now.polling();
                    soon.set(millis - polling.lastMillis() < polling.intervalSeconds() * 1000);
                    return Optional.of(now.polled(
                            polling.intervalSeconds() + (soon.get() ? DeviceAuthorization.INTERVAL : 0), millis));
                })
                .flatMap(polled -> polled.isPresent() && soon.get()
                        ? answered(
                                OauthError.SLOW_DOWN,
                                "asked too soon: ask every "
                                        + polled.get().polling().intervalSeconds() + " seconds")
                        : answered(OauthError.AUTHORIZATION_PENDING, "no human has decided yet"));
    }

    private static Answer standing(Answer run, String code) {
        Map<String, JsonValue> body = new LinkedHashMap<>(run.body().members());
        body.put("standing", StandingRuns.told(code));
        return Answer.ok(new JsonObject(body));
    }

    private Mono<Answer> start(
            AskedTask task, String code, SpiffeId agent, HolderKey holder, boolean over, StartAttempt attempt) {
        Decided by = Objects.requireNonNull(task.consent());
        attempt.forHuman(by.human());
        // Not a token: the name under which the start is remembered, as that of a human's token is.
        SubjectToken subject = new SubjectToken(
                by.human(), task.times().expires(), Sha256.base64UrlOf("device\n" + task.device()), by.claims());
        String requestHash = requestHash(task);
        return starts.findClaim(subject.hash(), requestHash)
                .publishOn(Schedulers.parallel())
                .flatMap(claim -> {
                    if (claim.isPresent()) {
                        return repeated(claim.get(), task, code, agent, holder, subject, attempt);
                    }
                    if (task.state() == State.USED) {
                        return attempt.refused(STRANGE);
                    }
                    if (over) {
                        return expired();
                    }
                    return LeaverEvents.isLeft(starts, by.human(), by.at())
                            .flatMap(left -> left
                                    ? attempt.refused(denied(Refusal.of(
                                            StartReason.LOCK,
                                            OauthError.ACCESS_DENIED,
                                            "the identity provider ended what runs for the human")))
                                    : judged(task, code, agent, holder, subject, requestHash, attempt));
                });
    }

    private Mono<Answer> judged(
            AskedTask task,
            String code,
            SpiffeId agent,
            HolderKey holder,
            SubjectToken subject,
            String requestHash,
            StartAttempt attempt) {
        return asked.judge(task, subject)
                .then(
                        grant -> {
                            attempt.under(grant.template(), grant.parameters());
                            return started(
                                    task,
                                    task.isStanding()
                                            ? standing.first(
                                                    task,
                                                    code,
                                                    requestHash,
                                                    holder,
                                                    subject,
                                                    grant,
                                                    attempt,
                                                    DeviceGrant::denied)
                                            : starter.start(
                                                    agent,
                                                    holder,
                                                    subject,
                                                    grant,
                                                    requestHash,
                                                    attempt,
                                                    taken -> repeated(
                                                            taken, task, code, agent, holder, subject, attempt)));
                        },
                        refusal -> attempt.refused(denied(refusal)));
    }

    private static String requestHash(AskedTask task) {
        return Sha256.base64UrlOf(task.jkt() + '\n' + task.agent() + '\n' + task.device());
    }

    /** The same request again; its answer is refused after a minute. */
    private Mono<Answer> repeated(
            Claim claim,
            AskedTask task,
            String code,
            SpiffeId agent,
            HolderKey holder,
            SubjectToken subject,
            StartAttempt attempt) {
        boolean late = claim instanceof Claim.Same same
                && clock.millis() / 1000 - StartSheet.read(same.answer()).issuedAt() > REPEATED_SECONDS;
        if (late) {
            return attempt.refused(STRANGE);
        }
        return task.isStanding()
                ? started(task, standing.again(task, code, claim, requestHash(task), holder, subject, attempt))
                : started(
                        task,
                        repetition.answer(
                                claim,
                                agent,
                                holder,
                                subject,
                                template -> asked.judge(template, task, subject),
                                attempt));
    }

    /** Takes note of the task that an answer has, if it has one. The task runs already, so that this may fail. */
    private Mono<Answer> started(AskedTask task, Mono<Answer> answer) {
        // Else a lost connection would leave a request that is recorded as expired, although its task runs.
        return Uncancelled.of(answer.flatMap(given -> {
            String id = given.body().string("task_id");
            return id == null || task.state() == State.USED
                    ? Mono.just(given)
                    : asked.used(task, id).onErrorComplete().thenReturn(given);
        }));
    }

    /** What is no longer granted to this human is denied, whatever the reason. */
    private static Refusal denied(Refusal refusal) {
        return new Refusal(
                OauthError.ACCESS_DENIED,
                "the task is no longer granted to the human who allowed it: ask for it again",
                refusal.headers(),
                refusal.reason(),
                refusal.detail() == null ? refusal.description() : refusal.detail());
    }
}
