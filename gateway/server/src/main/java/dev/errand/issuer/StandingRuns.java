package dev.errand.issuer;

import dev.errand.denial.StartReason;
import dev.errand.issuer.AskedTask.Decided;
import dev.errand.issuer.StartDetails.MalformedDetailsException;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.log.ProvenanceRecord;
import dev.errand.state.KeptAnswer;
import dev.errand.state.StandingErrand;
import dev.errand.state.StandingErrand.Begin;
import dev.errand.state.StandingErrand.Run;
import dev.errand.state.StandingErrands;
import dev.errand.state.StandingErrands.Found;
import dev.errand.state.StartStore;
import dev.errand.state.StartStore.Claim;
import dev.errand.state.StoreUnavailableException;
import dev.errand.template.StandingLimits;
import dev.errand.template.Template;
import dev.errand.token.HolderKey;
import dev.errand.token.Sha256;
import dev.errand.token.SpiffeId;
import dev.errand.web.refusal.StartRecords;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The runs of standing errands: one human allowed them once, and one agent starts each. A run counts in one step of the store, with its rate,
 * its calls, and the data of its answer. It can be no more than the human allowed, and no more than the running template permits.
 * Thread-safe, never blocking.
 *
 * @param revisions the template of a {@code sha-256:} revision, running or not
 */
record StandingRuns(
        StandingErrands errands,
        StartStore starts,
        AskedTasks asked,
        StandingGrants grants,
        TaskStarter starter,
        Repetition repetition,
        Function<String, Optional<Template>> templates,
        Function<String, Mono<Optional<Template>>> revisions,
        StandingSettling settling,
        ClientRate rate,
        StartRecords records) {
    private static final int MOST_TRIES = 64;
    private static final int TOKEN_CHARACTERS = 43;
    private static final long REVISION_MARGIN_MILLIS = Duration.ofHours(1).toMillis();

    /** Whether a text has the form of the token of a standing errand. */
    static boolean isToken(String text) {
        return text.length() == TOKEN_CHARACTERS
                && text.chars().allMatch(c -> Character.isLetterOrDigit(c) && c < 128 || c == '-' || c == '_');
    }

    /** The errand's token. It is made from the secret of the agent's request, so that the same request gets the same one. */
    static String tokenOf(String deviceCode) {
        return Sha256.base64UrlOf("standing\n" + deviceCode);
    }

    /** The errand's id. It is made from its token, which so finds the errand and is not kept. */
    static String idOf(String token) {
        return "se-" + Sha256.base64UrlOf("standing errand\n" + token).substring(0, 22);
    }

    /** The member {@code standing} of the answer to Get. */
    static JsonObject told(String deviceCode) {
        String token = tokenOf(deviceCode);
        return new JsonObject(Map.of("id", new JsonString(idOf(token)), "token", new JsonString(token)));
    }

    /**
     * A run that wants to begin.
     *
     * @param requestHash the hash of the request and of the task's key
     * @param subject the human who allowed it, and the name under which the start is kept
     * @param judge what the run is granted under a revision of the template, before it is counted
     * @param refused the refusal as the agent is told it
     */
    private record Wanted(
            String id,
            String requestHash,
            SpiffeId agent,
            HolderKey holder,
            SubjectToken subject,
            Function<Template, Outcome<Grant>> judge,
            StartAttempt attempt,
            UnaryOperator<Refusal> refused) {}

    /** The first run, which begins when the agent gets what the human allowed. */
    Mono<Answer> first(
            AskedTask request,
            String deviceCode,
            String requestHash,
            HolderKey holder,
            SubjectToken subject,
            Grant grant,
            StartAttempt attempt,
            UnaryOperator<Refusal> refused) {
        Decided by = Objects.requireNonNull(request.consent());
        StandingAsked runs = Objects.requireNonNull(request.standing());
        String id = idOf(tokenOf(deviceCode));
        StandingErrand errand = StandingErrand.allowed(
                id, request.template(), by.human(), request.agent(), runs.allowed(by.at() * 1000));
        Wanted wanted = wanted(request, id, requestHash, holder, subject, attempt, refused);
        Template template = grant.template();
        return starts.saveRevision(
                        template.revision(), template.text(), runs.until().toEpochMilli() + REVISION_MARGIN_MILLIS)
                .then(errands.create(errand, request.write()))
                .flatMap(room -> room
                        ? begin(wanted, template, 0)
                        : attempt.refused(new Refusal(
                                OauthError.TOO_MANY,
                                "as many standing errands are kept as may be: end those that nobody needs",
                                Map.of("Retry-After", "3600"),
                                StartReason.STARTS,
                                null)));
    }

    private Wanted wanted(
            AskedTask request,
            String id,
            String requestHash,
            HolderKey holder,
            SubjectToken subject,
            StartAttempt attempt,
            UnaryOperator<Refusal> refused) {
        return new Wanted(
                id,
                requestHash,
                SpiffeId.parse(request.agent()).orElseThrow(),
                holder,
                subject,
                template -> asked.judge(template, request, subject),
                attempt,
                refused);
    }

    /** The first run again, for the same request. */
    Mono<Answer> again(
            AskedTask request,
            String deviceCode,
            Claim claim,
            String requestHash,
            HolderKey holder,
            SubjectToken subject,
            StartAttempt attempt) {
        String id = idOf(tokenOf(deviceCode));
        Wanted wanted = wanted(request, id, requestHash, holder, subject, attempt, UnaryOperator.identity());
        return errands.find(id)
                .flatMap(found ->
                        again(wanted, claim, found.flatMap(each -> each.errand().run(requestHash))));
    }

    /** Answers a request for a further run. */
    Mono<Answer> further(StartForm form, SpiffeId agent, HolderKey holder, StartAttempt attempt) {
        Mono<Answer> strange = Mono.defer(() -> attempt.refused(
                StartReason.STANDING_TOKEN, OauthError.INVALID_GRANT, "the token is of no errand of this agent"));
        if (!isToken(form.subjectToken())) {
            return strange;
        }
        String id = idOf(form.subjectToken());
        return errands.find(id)
                .flatMap(found -> found.filter(each -> each.errand().agent().equals(agent.toString()))
                        .map(each -> errands.request(id)
                                .flatMap(kept -> kept.flatMap(AskedTask::read)
                                        .filter(request -> request.consent() != null)
                                        .map(request -> further(each, request, form, agent, holder, attempt))
                                        .orElse(strange)))
                        .orElse(strange));
    }

    private Mono<Answer> further(
            Found found, AskedTask request, StartForm form, SpiffeId agent, HolderKey holder, StartAttempt attempt) {
        StandingErrand errand = found.errand();
        Decided by = Objects.requireNonNull(request.consent());
        attempt.forHuman(by.human());
        attempt.ofErrand(errand);
        StartDetails details;
        String requestHash;
        try {
            details = form.details().isEmpty() ? null : StandingGrants.details(form.details(), request);
            String asJcs = details == null ? "" : Jcs.canonical(Json.parse(form.details()));
            requestHash =
                    Sha256.base64UrlOf(holder.thumbprint().value() + '\n' + agent + '\n' + errand.id() + '\n' + asJcs);
        } catch (MalformedDetailsException e) {
            return attempt.refused(
                    StartReason.DETAILS, OauthError.INVALID_AUTHORIZATION_DETAILS, String.valueOf(e.getMessage()));
        } catch (MalformedJsonException | ArithmeticException e) {
            return attempt.refused(
                    StartReason.DETAILS,
                    OauthError.INVALID_AUTHORIZATION_DETAILS,
                    "authorization_details have a number that not every reader keeps");
        }
        if (details != null && details.sequence() != null && !rate.admits(agent, DeviceAuthorization.PLAN_COSTS)) {
            return attempt.refused(AgentRequests.TOO_OFTEN);
        }
        SubjectToken subject = new SubjectToken(
                by.human(),
                errand.allowed().untilMillis() / 1000,
                Sha256.base64UrlOf("run\n" + errand.id() + '\n' + requestHash),
                by.claims());
        return starts.findClaim(subject.hash(), requestHash)
                .zipWith(revisions.apply(request.revision()))
                // A narrower plan takes some milliseconds to compile.
                .publishOn(Schedulers.parallel())
                .flatMap(known -> {
                    Template was = known.getT2().orElse(null);
                    Function<Template, Outcome<Grant>> judge = now -> {
                        Outcome<Grant> allowed = grants.allowed(errand, request, subject, was, now);
                        return details == null || !(allowed instanceof Outcome.Accepted<Grant> accepted)
                                ? allowed
                                : grants.narrowed(accepted.value(), details);
                    };
                    Wanted wanted = new Wanted(
                            errand.id(), requestHash, agent, holder, subject, judge, attempt, UnaryOperator.identity());
                    return known.getT1()
                            .map(claim -> again(wanted, claim, errand.run(requestHash)))
                            .orElseGet(() -> errand.run(requestHash)
                                    .map(run -> again(wanted, new Claim.Same(run.answer()), Optional.of(run)))
                                    .orElseGet(() -> begin(wanted, found, was)));
                });
    }

    private Mono<Answer> begin(Wanted wanted, Found found, @Nullable Template was) {
        StandingErrand errand = found.errand();
        Optional<Begin.Refused> over = errand.over(found.nowMillis());
        // What is used up by runs that still hold their calls is told after those are settled.
        if (over.isPresent()
                && (over.get().reason() != StandingErrand.Reason.USED
                        || errand.used() >= errand.allowed().runs())) {
            return refused(wanted, over.get());
        }
        Template now = templates.apply(errand.template()).orElse(null);
        return now == null ? refused(wanted, StandingGrants.NARROWED) : begin(wanted, now, 0);
    }

    private Mono<Answer> begin(Wanted wanted, Template template, int tries) {
        if (tries > MOST_TRIES) {
            return Mono.error(
                    () -> new StoreUnavailableException("too many runs of one standing errand begin at once"));
        }
        return settling.settled(wanted.id()).flatMap(settled -> {
            if (settled.isEmpty()) {
                return Mono.error(() -> new StoreUnavailableException("the standing errand is gone"));
            }
            StandingErrand errand = settled.get().errand();
            wanted.attempt().ofErrand(errand);
            Optional<Run> same = errand.run(wanted.requestHash());
            if (same.isPresent()) {
                return again(wanted, new Claim.Same(same.get().answer()), same);
            }
            Outcome<Grant> judged = wanted.judge().apply(template);
            if (judged instanceof Outcome.Refused<Grant> refused) {
                return refused(wanted, refused.refusal());
            }
            StandingLimits most = template.admission().standing();
            int atOnce = most == null ? 1 : most.atOnce();
            Optional<Begin.Refused> refusal =
                    errand.refusal(atOnce, settled.get().nowMillis());
            if (refusal.isPresent()) {
                return refused(wanted, refusal.get());
            }
            Grant allowed = ((Outcome.Accepted<Grant>) judged).value();
            Grant grant = allowed.run(wanted.id(), errand.used() + 1, errand.callsLeft());
            wanted.attempt().under(grant.template(), grant.parameters());
            return starter.start(
                    wanted.agent(),
                    wanted.holder(),
                    wanted.subject(),
                    grant,
                    new RunClaim(wanted, errand, grant, atOnce),
                    wanted.attempt(),
                    claim -> claim instanceof Claim.Same
                            ? errands.find(wanted.id())
                                    .flatMap(now -> again(
                                            wanted,
                                            claim,
                                            now.flatMap(each -> each.errand().run(wanted.requestHash()))))
                            : begin(wanted, template, tries + 1));
        });
    }

    /** The same request again. If its run began and was not recorded, since the gateway died, it is recorded first. */
    private Mono<Answer> again(Wanted wanted, Claim claim, Optional<Run> run) {
        if (!(claim instanceof Claim.Same same)) {
            return repetition.answer(
                    claim, wanted.agent(), wanted.holder(), wanted.subject(), wanted.judge(), wanted.attempt());
        }
        StartSheet sheet = StartSheet.read(same.answer());
        Function<Template, Outcome<Grant>> counted = template -> counted(wanted, sheet, template);
        Mono<Answer> answer =
                repetition.answer(claim, wanted.agent(), wanted.holder(), wanted.subject(), counted, wanted.attempt());
        if (run.isEmpty() || run.get().recorded()) {
            return kept(wanted.id()).then(answer);
        }
        return kept(wanted.id())
                .then(revisions.apply(sheet.revision()))
                .flatMap(template -> template.isEmpty()
                                || !(counted.apply(template.get()) instanceof Outcome.Accepted<Grant> accepted)
                        ? answer
                        : Mono.defer(() -> {
                            Grant grant = accepted.value();
                            wanted.attempt().under(grant.template(), grant.parameters());
                            wanted.attempt().granted(grant);
                            return wanted.attempt()
                                    .begun(run.get().task(), run.get().expiresMillis() / 1000)
                                    .then(recorded(
                                            wanted,
                                            run.get().number(),
                                            run.get().task(),
                                            grant))
                                    .then(answer);
                        }));
    }

    private static Outcome<Grant> counted(Wanted wanted, StartSheet sheet, Template template) {
        Outcome<Grant> judged = wanted.judge().apply(template);
        return judged instanceof Outcome.Accepted<Grant> accepted
                ? Outcome.accepted(accepted.value().run(wanted.id(), sheet.run(), sheet.calls()))
                : judged;
    }

    /** Fails if a failover of the store could forget that a run counts. */
    private Mono<Void> kept(String id) {
        return errands.survives(id)
                .flatMap(survives -> survives
                        ? Mono.empty()
                        : Mono.error(() -> new StoreUnavailableException(
                                "no replica of the store has the run yet; the same request gets it again")));
    }

    private Mono<Void> recorded(Wanted wanted, int number, String task, Grant grant) {
        Mono<Void> allowed = number > 1 ? Mono.empty() : records.standing(record(wanted, "allowed", null, null, grant));
        return allowed.then(records.standing(record(wanted, "run", number, task, grant)))
                .then(errands.change(wanted.id(), (now, millis) -> now.recorded(number))
                        .onErrorComplete(StoreUnavailableException.class))
                .then();
    }

    private static BiFunction<Instant, String, ProvenanceRecord.Standing> record(
            Wanted wanted, String what, @Nullable Integer number, @Nullable String task, Grant grant) {
        return (time, gateway) -> new ProvenanceRecord.Standing(
                time,
                wanted.id(),
                what,
                number,
                null,
                task,
                grant.template().name(),
                wanted.subject().human(),
                wanted.agent().toString(),
                null,
                gateway);
    }

    private static Mono<Answer> refused(Wanted wanted, Begin.Refused why) {
        StartReason reason = StartReason.valueOf("STANDING_" + why.reason().name());
        long seconds = (why.after().toMillis() + 999) / 1000;
        return refused(
                wanted,
                new Refusal(
                        OauthError.INVALID_GRANT,
                        "standing-" + why.reason().name().toLowerCase(Locale.ROOT),
                        seconds > 0 ? Map.of("Retry-After", Long.toString(seconds)) : Map.of(),
                        reason,
                        null));
    }

    private static Mono<Answer> refused(Wanted wanted, Refusal refusal) {
        return wanted.attempt().refused(wanted.refused().apply(refusal));
    }

    /** Counts a run. */
    private final class RunClaim implements StartClaim {
        private final Wanted wanted;
        private final Grant grant;
        private final int number;
        private final long calls;
        private final int atOnce;
        private @Nullable String task;

        RunClaim(Wanted wanted, StandingErrand errand, Grant grant, int atOnce) {
            this.wanted = wanted;
            this.grant = grant;
            this.number = errand.used() + 1;
            this.calls = Objects.requireNonNull(grant.bounds().calls());
            this.atOnce = atOnce;
        }

        @Override
        public Mono<Claim> claim(StartedTask started, KeptAnswer answer, long untilMillis) {
            task = started.taskId();
            Run run =
                    Run.wanted(number, wanted.requestHash(), started.taskId(), started.expiry() * 1000, calls, answer);
            AtomicReference<@Nullable Begin> begun = new AtomicReference<>();
            return errands.change(wanted.id(), (now, millis) -> {
                        Begin judged = now.begin(run, atOnce, millis);
                        begun.set(judged);
                        return judged instanceof Begin.Counted counted ? counted.next() : now;
                    })
                    .flatMap(changed -> {
                        if (changed.isPresent() && begun.get() instanceof Begin.Counted) {
                            return kept(wanted.id())
                                    .then(starts.claimSubject(
                                            wanted.subject().hash(), wanted.requestHash(), answer, untilMillis))
                                    .thenReturn((Claim) new Claim.Claimed());
                        }
                        return Mono.just(
                                begun.get() instanceof Begin.Same same
                                        ? new Claim.Same(same.run().answer())
                                        : new Claim.Taken());
                    });
        }

        @Override
        public Mono<Void> undo() {
            return errands.change(wanted.id(), (now, millis) -> now.without(number))
                    .then(starts.unclaimSubject(wanted.subject().hash(), wanted.requestHash()));
        }

        @Override
        public Mono<Void> recorded() {
            return StandingRuns.this.recorded(wanted, number, String.valueOf(task), grant);
        }
    }
}
