package dev.errand.issuer;

import dev.errand.denial.StartReason;
import dev.errand.issuer.AskedTask.Code;
import dev.errand.issuer.AskedTask.Polling;
import dev.errand.issuer.AskedTask.State;
import dev.errand.issuer.AskedTask.Times;
import dev.errand.issuer.StartDetails.MalformedDetailsException;
import dev.errand.json.JsonMembers;
import dev.errand.log.write.ProvenanceLog.LogUnavailableException;
import dev.errand.state.StartRequestStore;
import dev.errand.template.StandingLimits;
import dev.errand.template.Template;
import dev.errand.token.Base64Url;
import dev.errand.token.HolderKey;
import dev.errand.token.Sha256;
import dev.errand.token.SpiffeId;
import dev.errand.web.refusal.StartRecords;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The device authorization endpoint (RFC 8628 section 3.1): an agent asks for a task, and gets the codes by which a human finds it. A
 * request that the template would refuse for every human is refused here. Thread-safe, never blocking.
 *
 * @param pages the address of the pages for people, without a slash at its end
 */
record DeviceAuthorization(
        AgentRequests agents,
        AskedTasks asked,
        StartRecords records,
        Function<String, Optional<Template>> templates,
        StartPolicy policy,
        String pages,
        SecureRandom random,
        Clock clock) {
    /** The endpoint's path. */
    static final String PATH = "/oauth2/device_authorization";

    static final long EXPIRES_IN = 600;
    static final long INTERVAL = 5;

    /** A narrower plan is compiled, so it costs the agent as much as this many further requests. */
    static final int PLAN_COSTS = 9;

    private static final int HALF = 4;
    private static final int MOST_TAKEN = 8;

    Mono<Answer> ask(TokenRequest request) {
        StartAttempt attempt = new StartAttempt(records);
        for (String other : new String[] {"subject_token", "actor_token", "grant_type", "device_code"}) {
            if (request.form().get(other) != null) {
                return attempt.refused(Refusal.of(OauthError.INVALID_REQUEST, other + " is not taken here"));
            }
        }
        if (request.form().get("scope") != null) {
            return attempt.refused(
                    StartReason.SCOPE, OauthError.INVALID_SCOPE, "scope is not taken: ask by authorization_details");
        }
        return agents.admit(request, PATH, attempt, (agent, holder) -> judged(request, agent, holder, attempt));
    }

    private Mono<Answer> judged(TokenRequest request, SpiffeId agent, HolderKey holder, StartAttempt attempt) {
        String text = String.valueOf(request.form().get("authorization_details"));
        StartDetails details;
        try {
            details = StartDetails.parse(text);
        } catch (MalformedDetailsException e) {
            return attempt.refused(
                    StartReason.DETAILS, OauthError.INVALID_AUTHORIZATION_DETAILS, String.valueOf(e.getMessage()));
        }
        Template template = templates.apply(details.template()).orElse(null);
        if (template == null) {
            return attempt.refused(
                    StartReason.TEMPLATE, OauthError.INVALID_AUTHORIZATION_DETAILS, "there is no such template");
        }
        attempt.under(template, details.parameters());
        if (template.admission().allowed().named() && details.named() == null) {
            return attempt.refused(
                    StartReason.DETAILS,
                    OauthError.INVALID_AUTHORIZATION_DETAILS,
                    "add human to errand_start: the template requires that a request names its human");
        }
        if (details.sequence() != null && !agents.rate().admits(agent, PLAN_COSTS)) {
            return attempt.refused(AgentRequests.TOO_OFTEN);
        }
        String fault = standing(template, details.standing());
        if (fault != null) {
            return attempt.refused(StartReason.CONSTRAINT, OauthError.INVALID_AUTHORIZATION_DETAILS, fault);
        }
        Mono<Outcome<Grant>> judged = Mono.fromSupplier(() -> policy.shown(template, agent, null, details));
        // A narrower plan takes some milliseconds to compile.
        return (details.sequence() == null ? judged : judged.subscribeOn(Schedulers.parallel()))
                .flatMap(outcome -> outcome.then(
                        grant -> RootToken.fits(grant)
                                ? open(request, agent, holder, details, text, grant, attempt, 0)
                                : tooLong(attempt),
                        attempt::refused));
    }

    /** Why the template permits no such runs from now on; null if it does, or if one run is asked for. */
    private @Nullable String standing(Template template, @Nullable StandingAsked asked) {
        StandingLimits most = template.admission().standing();
        if (asked == null) {
            return null;
        }
        if (most == null) {
            return "the template has no standing: a human allows one run of it at a time";
        }
        Instant now = clock.instant();
        if (asked.runs() > most.runs()) {
            return "the template lets a human allow at most " + most.runs() + " runs";
        }
        return asked.until().isAfter(now) && !asked.until().isAfter(now.plus(most.within()))
                ? null
                : "until must be in the future, and at most " + most.within().toSeconds()
                        + " seconds from now: the template says so";
    }

    private static Mono<Answer> tooLong(StartAttempt attempt) {
        return attempt.refused(StartReason.SIZE, OauthError.INVALID_AUTHORIZATION_DETAILS, RootToken.TOO_LONG);
    }

    private Mono<Answer> open(
            TokenRequest request,
            SpiffeId agent,
            HolderKey holder,
            StartDetails details,
            String text,
            Grant grant,
            StartAttempt attempt,
            int taken) {
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        Code code = new Code(half(), half());
        String device = code.first() + Base64Url.encode(secret);
        long now = clock.millis() / 1000;
        String jkt = holder.thumbprint().value();
        AskedTask task = new AskedTask(
                "sr-" + Sha256.base64UrlOf("request " + device).substring(0, 22),
                code,
                Sha256.base64UrlOf(device),
                agent.toString(),
                jkt,
                text,
                grant.template().name(),
                grant.template().revision(),
                ConsentDigest.of(grant, agent.toString(), jkt, details.purpose(), details.standing()),
                details.purpose(),
                details.named(),
                request.address(),
                new Times(now, now + EXPIRES_IN),
                new Polling(INTERVAL, 0),
                State.PENDING,
                null);
        // What the human's sign-in adds later must find room, too.
        if (task.write().length > StartRequestStore.MAX_BYTES / 2) {
            return attempt.refused(
                    StartReason.SIZE,
                    OauthError.INVALID_AUTHORIZATION_DETAILS,
                    "the request is too long to be kept: ask for fewer tools, or shorten parameters, sequence or"
                            + " purpose");
        }
        return asked.open(task)
                .flatMap(wait -> {
                    if (wait.isEmpty()) {
                        return Mono.just(answer(code, device));
                    }
                    long seconds = wait.get().toSeconds() + 1;
                    return wait.get().isZero() && taken < MOST_TAKEN
                            ? open(request, agent, holder, details, text, grant, attempt, taken + 1)
                            : attempt.refused(new Refusal(
                                    OauthError.TOO_MANY,
                                    "too many requests for tasks are open: wait until a human allows or refuses one,"
                                            + " or "
                                            + seconds + " s until the first is over",
                                    Map.of("Retry-After", Long.toString(seconds)),
                                    StartReason.RATE,
                                    null));
                })
                .onErrorResume(
                        LogUnavailableException.class,
                        e -> attempt.refused(AwayLog.SHARED.refuse(Dependency.LOG, e.getMessage())));
    }

    private Answer answer(Code code, String device) {
        JsonMembers body = new JsonMembers();
        body.put("device_code", device);
        body.put("user_code", code.first() + '-' + code.second());
        body.put("verification_uri", pages + AskedTasks.PAGE);
        body.put("verification_uri_complete", pages + AskedTasks.PAGE + "?user_code=" + code.first());
        body.put("expires_in", EXPIRES_IN);
        body.put("interval", INTERVAL);
        return Answer.ok(body.toJson());
    }

    private String half() {
        StringBuilder half = new StringBuilder(HALF);
        for (int i = 0; i < HALF; i++) {
            half.append(AskedTasks.LETTERS.charAt(random.nextInt(AskedTasks.LETTERS.length())));
        }
        return half.toString();
    }
}
