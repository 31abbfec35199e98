package dev.errand.issuer;

import dev.errand.denial.StartReason;
import dev.errand.log.StartFacts;
import dev.errand.state.StandingErrand;
import dev.errand.template.Template;
import dev.errand.token.Human;
import dev.errand.token.ParameterValue;
import dev.errand.token.SpiffeId;
import dev.errand.web.refusal.StartRecords;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * One request for a start. It collects the facts that have verified, for the record of the start. Every request that does not
 * verify gets the same text, so that the caller does not learn which check failed. Not thread-safe: the steps of one request run
 * one after the other.
 */
final class StartAttempt {
    /** The answer to every caller whose SVID, proof or subject token does not verify. */
    static final String UNVERIFIED = "the client, the proof or the subject_token does not verify";

    private final StartRecords records;
    private StartFacts facts = StartFacts.NONE;
    private @Nullable StandingErrand errand;

    StartAttempt(StartRecords records) {
        this.records = records;
    }

    void by(SpiffeId agent) {
        facts = facts.byAgent(agent.toString());
    }

    void forHuman(Human human) {
        facts = facts.forHuman(human);
    }

    /** Notes the standing errand of which the agent asks for a run, so that a refusal is recorded with it. */
    void ofErrand(StandingErrand found) {
        errand = found;
    }

    /** Notes the template that the request names. The template is loaded. */
    void under(Template template, Map<String, ParameterValue> parameters) {
        StartFacts named = facts.under(template.name(), template.revision());
        facts = template.refusesParameters(parameters) == null ? named.with(template.normal(parameters)) : named;
    }

    void granted(Grant grant) {
        facts = facts.instructed(grant.instruction()).consented(grant.consent(), grant.standing());
    }

    /** Whether a start can be recorded at the moment. */
    boolean isRecordable() {
        return records.isWritable();
    }

    /** Records that the task began; ends with a {@code LogUnavailableException} if it cannot be. */
    Mono<Void> begun(String task, long expirySeconds) {
        return records.granted(facts.begun(task, Instant.ofEpochSecond(expirySeconds)));
    }

    /** Records the whole refusal, and answers with the part of it that the caller may know. */
    Mono<Answer> refused(Refusal refusal) {
        StartReason reason = refusal.reason() == null ? StartReason.REQUEST : refusal.reason();
        String detail = refusal.detail() == null ? refusal.description() : refusal.detail();
        Refusal told = reason.isUnverified()
                ? new Refusal(refusal.error(), UNVERIFIED, refusal.headers(), reason, null)
                : refusal;
        String error = refusal.error().code();
        return (errand == null
                        ? records.refused(facts, error, reason, detail)
                        : records.refusedRun(errand, facts, error, reason, detail))
                .thenReturn(told.answer());
    }

    Mono<Answer> refused(StartReason reason, OauthError error, String description) {
        return refused(Refusal.of(reason, error, description));
    }
}
