package dev.errand.gateway.issuer.start;

import dev.errand.bytes.Sha256;
import dev.errand.delegation.HolderKey;
import dev.errand.gateway.issuer.Answer;
import dev.errand.gateway.issuer.AwayLog;
import dev.errand.gateway.issuer.ClientAuthentication;
import dev.errand.gateway.issuer.ClientRate;
import dev.errand.gateway.issuer.Dependency;
import dev.errand.gateway.issuer.IssuerSettings;
import dev.errand.gateway.issuer.OauthError;
import dev.errand.gateway.issuer.ProofCheck;
import dev.errand.gateway.issuer.Refusal;
import dev.errand.gateway.issuer.TokenRequest;
import dev.errand.gateway.issuer.start.StartDetails.MalformedDetailsException;
import dev.errand.identity.SpiffeId;
import dev.errand.jose.SigningKeys;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.state.StartStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.task.template.Template;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/**
 * The token endpoint (RFC 8693): an agent starts a task for a human. Who asks is settled first, by SVID and proof, so that
 * nobody else learns of templates, humans or tasks. Thread-safe, never blocking.
 */
public final class StartService {
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
        this.settings = settings;
    }

    /**
     * Answers one request; {@code temporarily_unavailable} where what it depends on cannot be reached, and at once where this
     * replica has no key of use {@code issue}.
     */
    public Mono<Answer> start(TokenRequest request) {
        if (!starter.issues()) {
            return Mono.just(Refusal.issuesNothing().answer());
        }
        return StartForm.parse(request.form(), settings.issuer())
                .then(form -> clients.authenticate(request)
                        .flatMap(client -> client.then(agent -> admitted(request, form, agent))))
                .onErrorResume(
                        StoreUnavailableException.class,
                        e -> Mono.just(AwayLog.SHARED
                                .refuse(Dependency.STATE, e.getMessage())
                                .answer()));
    }

    private Mono<Answer> admitted(TokenRequest request, StartForm form, SpiffeId agent) {
        if (!rate.admits(agent)) {
            return Mono.just(
                    new Refusal(OauthError.TOO_MANY, "the agent asks too often", Map.of("Retry-After", "1")).answer());
        }
        return proofs.check(request, PATH, null)
                .flatMap(proof -> proof.then(holder -> subjects.verify(form.subjectToken(), holder.thumbprint())
                        .flatMap(subject -> subject.then(human -> proven(form, agent, holder, human)))));
    }

    private Mono<Answer> proven(StartForm form, SpiffeId agent, HolderKey holder, SubjectToken subject) {
        StartDetails details;
        String requestHash;
        try {
            details = StartDetails.parse(form.details());
            requestHash = requestHash(form, agent, holder);
        } catch (MalformedDetailsException e) {
            return Mono.just(Refusal.of(OauthError.INVALID_AUTHORIZATION_DETAILS, String.valueOf(e.getMessage()))
                    .answer());
        }
        return starts.findClaim(subject.hash(), requestHash)
                .flatMap(claim -> claim.isPresent()
                        ? repetition.answer(claim.get(), agent, holder, subject, details)
                        : policy.decide(agent, subject, details)
                                .then(grant -> starter.start(
                                        agent,
                                        holder,
                                        subject,
                                        grant,
                                        requestHash,
                                        taken -> repetition.answer(taken, agent, holder, subject, details))));
    }

    /** The request but for what may differ when it comes again: a fresh SVID, a fresh proof, the order of members. */
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
