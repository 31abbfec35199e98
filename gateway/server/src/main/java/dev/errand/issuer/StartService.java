package dev.errand.issuer;

import dev.errand.denial.StartReason;
import dev.errand.issuer.StartDetails.MalformedDetailsException;
import dev.errand.jose.SigningKeys;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.state.StartStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.template.Template;
import dev.errand.token.HolderKey;
import dev.errand.token.Sha256;
import dev.errand.token.SpiffeId;
import dev.errand.web.refusal.StartRecords;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/**
 * The token endpoint (RFC 8693): an agent starts a task for a human. SVID and proof are checked first, so only the
 * agent learns anything about templates, humans or tasks. Thread-safe, never blocking.
 */
final class StartService {
    /** The endpoint's path. */
    public static final String PATH = "/oauth2/token";

    private final ClientAuthentication clients;
    private final ClientRate rate;
    private final ProofCheck proofs;
    private final SubjectTokens subjects;
    private final StartStore starts;
    private final StartPolicy policy;
    private final TaskStarter starter;
    private final Repetition repetition;
    private final Function<String, Optional<Template>> templates;
    private final StartRecords records;
    private final IssuerSettings settings;

    /**
     * @param templates the running templates by name
     * @param revisions the template of a revision, running or not
     */
    public StartService(
            ClientAuthentication clients,
            ClientRate rate,
            ProofCheck proofs,
            SubjectTokens subjects,
            StartStore starts,
            Function<String, Optional<Template>> templates,
            Function<String, Mono<Optional<Template>>> revisions,
            TaskStarter starter,
            SigningKeys keys,
            StartRecords records,
            IssuerSettings settings,
            Clock clock) {
        this.clients = clients;
        this.rate = rate;
        this.proofs = proofs;
        this.subjects = subjects;
        this.starts = starts;
        this.policy = new StartPolicy(templates, settings);
        this.starter = starter;
        this.repetition = new Repetition(keys, settings, policy, revisions, clock);
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
        return StartForm.parse(request.form(), settings.issuer())
                .then(
                        form -> clients.authenticate(request)
                                .flatMap(client -> client.then(
                                        agent -> admitted(request, form, agent, attempt), attempt::refused)),
                        attempt::refused)
                .onErrorResume(
                        StoreUnavailableException.class,
                        e -> attempt.refused(AwayLog.SHARED.refuse(Dependency.STATE, e.getMessage())));
    }

    /** Answers a request whose form could not be read, for that reason. */
    public Mono<Answer> unread(Refusal why) {
        return new StartAttempt(records).refused(why);
    }

    private Mono<Answer> admitted(TokenRequest request, StartForm form, SpiffeId agent, StartAttempt attempt) {
        attempt.by(agent);
        if (!rate.admits(agent)) {
            return attempt.refused(new Refusal(
                    OauthError.TOO_MANY,
                    "the agent sends requests too often: wait as long as Retry-After says",
                    Map.of("Retry-After", "1"),
                    StartReason.RATE,
                    null));
        }
        return proofs.check(request, PATH, null)
                .flatMap(proof -> proof.then(
                        holder -> subjects.verify(form.subjectToken(), holder.thumbprint())
                                .flatMap(subject -> subject.then(
                                        human -> proven(form, agent, holder, human, attempt), attempt::refused)),
                        attempt::refused));
    }

    private Mono<Answer> proven(
            StartForm form, SpiffeId agent, HolderKey holder, SubjectToken subject, StartAttempt attempt) {
        attempt.forHuman(subject);
        StartDetails details;
        String requestHash;
        try {
            details = StartDetails.parse(form.details());
            requestHash = requestHash(form, agent, holder);
        } catch (MalformedDetailsException e) {
            return attempt.refused(
                    StartReason.DETAILS, OauthError.INVALID_AUTHORIZATION_DETAILS, String.valueOf(e.getMessage()));
        }
        templates.apply(details.template()).ifPresent(found -> attempt.under(found, details.parameters()));
        return starts.findClaim(subject.hash(), requestHash)
                .flatMap(claim -> claim.isPresent()
                        ? repetition.answer(claim.get(), agent, holder, subject, details, attempt)
                        : policy.decide(agent, subject, details)
                                .then(
                                        grant -> starter.start(
                                                agent,
                                                holder,
                                                subject,
                                                grant,
                                                requestHash,
                                                attempt,
                                                taken -> repetition.answer(
                                                        taken, agent, holder, subject, details, attempt)),
                                        attempt::refused));
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
