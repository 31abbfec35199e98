package dev.errand.issuer;

import dev.errand.denial.StartReason;
import dev.errand.issuer.StartDetails.MalformedDetailsException;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.state.StartStore;
import dev.errand.template.Template;
import dev.errand.token.HolderKey;
import dev.errand.token.Sha256;
import dev.errand.token.SpiffeId;
import dev.errand.web.refusal.StartRecords;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The token endpoint (RFC 8693): an agent starts a task for a human. SVID and proof are checked first, so only the
 * agent learns anything about templates, humans or tasks. Thread-safe, never blocking.
 */
final class StartService {
    /** The endpoint's path. */
    public static final String PATH = "/oauth2/token";

    private static final Outcome<Grant> LEFT = Outcome.refused(
            StartReason.LOCK,
            OauthError.ACCESS_DENIED,
            "the identity provider ended what runs for the human after it issued the token: get a new token");

    private final AgentRequests agents;
    private final SubjectTokens subjects;
    private final StartStore starts;
    private final StartPolicy policy;
    private final TaskStarter starter;
    private final Repetition repetition;
    private final StandingRuns standing;
    private final @Nullable DeviceGrant device;
    private final Function<String, Optional<Template>> templates;
    private final StartRecords records;
    private final IssuerSettings settings;

    /**
     * @param templates the running templates by name
     * @param asked the tasks that humans are asked for; null if there is no page for humans
     */
    public StartService(
            AgentRequests agents,
            SubjectTokens subjects,
            StartStore starts,
            Function<String, Optional<Template>> templates,
            StartPolicy policy,
            TaskStarter starter,
            Repetition repetition,
            StandingRuns standing,
            StartRecords records,
            IssuerSettings settings,
            @Nullable AskedTasks asked,
            Clock clock) {
        this.agents = agents;
        this.subjects = subjects;
        this.starts = starts;
        this.policy = policy;
        this.starter = starter;
        this.repetition = repetition;
        this.standing = standing;
        this.device = asked == null ? null : new DeviceGrant(asked, starts, starter, repetition, standing, clock);
        this.templates = templates;
        this.records = records;
        this.settings = settings;
    }

    /**
     * Answers one request; with {@code temporarily_unavailable} if a dependency cannot be reached, or if this replica has no key
     * of use {@code issue}.
     */
    public Mono<Answer> start(TokenRequest request) {
        StartAttempt attempt = new StartAttempt(records);
        if (!starter.issues()) {
            return attempt.refused(Refusal.issuesNothing());
        }
        if (device != null && DeviceGrant.GRANT_TYPE.equals(request.form().get("grant_type"))) {
            return agents.admit(request, PATH, attempt, (agent, holder) -> device.get(request, agent, holder, attempt));
        }
        return StartForm.parse(request.form(), settings.issuer())
                .then(
                        form -> agents.admit(
                                request, PATH, attempt, (agent, holder) -> admitted(form, agent, holder, attempt)),
                        attempt::refused);
    }

    /** Answers a request whose form could not be read, for that reason. */
    public Mono<Answer> unread(Refusal why) {
        return new StartAttempt(records).refused(why);
    }

    private Mono<Answer> admitted(StartForm form, SpiffeId agent, HolderKey holder, StartAttempt attempt) {
        if (form.standing()) {
            return standing.further(form, agent, holder, attempt);
        }
        return subjects.verify(form.subjectToken(), holder.thumbprint())
                .flatMap(subject ->
                        subject.then(human -> proven(form, agent, holder, human, attempt), attempt::refused));
    }

    private Mono<Answer> proven(
            StartForm form, SpiffeId agent, HolderKey holder, SubjectToken subject, StartAttempt attempt) {
        attempt.forHuman(subject.human());
        if (subject.claims().get("act") != null) {
            // A token that the gateway exchanged for a task must not start another one (RFC 8693 section 4.1).
            return attempt.refused(
                    StartReason.REQUEST,
                    OauthError.INVALID_REQUEST,
                    "the subject_token has act: somebody acts with it already; send the token that the human got");
        }
        StartDetails details;
        String requestHash;
        try {
            details = StartDetails.parse(form.details());
            if (details.purpose() != null || details.named() != null || details.standing() != null) {
                throw new MalformedDetailsException(
                        "purpose, human and standing are for a task that a human is asked for");
            }
            requestHash = requestHash(form, agent, holder);
        } catch (MalformedDetailsException e) {
            return attempt.refused(
                    StartReason.DETAILS, OauthError.INVALID_AUTHORIZATION_DETAILS, String.valueOf(e.getMessage()));
        }
        Function<Template, Outcome<Grant>> judge = template -> policy.decide(template, agent, subject, details);
        templates.apply(details.template()).ifPresent(found -> attempt.under(found, details.parameters()));
        return starts.findClaim(subject.hash(), requestHash)
                .flatMap(claim -> claim.isPresent()
                        ? repetition.answer(claim.get(), agent, holder, subject, judge, attempt)
                        : LeaverEvents.isLeft(starts, subject)
                                .flatMap(left -> left ? Mono.just(LEFT) : decided(agent, subject, details))
                                .flatMap(outcome -> outcome.then(
                                        grant -> starter.start(
                                                agent,
                                                holder,
                                                subject,
                                                grant,
                                                requestHash,
                                                attempt,
                                                taken -> repetition.answer(
                                                        taken, agent, holder, subject, judge, attempt)),
                                        attempt::refused)));
    }

    private Mono<Outcome<Grant>> decided(SpiffeId agent, SubjectToken subject, StartDetails details) {
        Mono<Outcome<Grant>> decided = Mono.fromSupplier(() -> policy.decide(agent, subject, details));
        // A narrower plan takes some milliseconds to compile.
        return details.sequence() == null ? decided : decided.subscribeOn(Schedulers.parallel());
    }

    /** The hash of a request without the parts that may differ in a repetition: the SVID, the proof, the order of members. */
    private static String requestHash(StartForm form, SpiffeId agent, HolderKey holder)
            throws MalformedDetailsException {
        try {
            return Sha256.base64UrlOf(
                    holder.thumbprint().value() + '\n' + agent + '\n' + Jcs.canonical(Json.parse(form.details())));
        } catch (MalformedJsonException | ArithmeticException e) {
            throw new MalformedDetailsException("authorization_details have a number that not every reader keeps");
        }
    }
}
