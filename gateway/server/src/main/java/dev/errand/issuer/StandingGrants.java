package dev.errand.issuer;

import dev.errand.denial.StartReason;
import dev.errand.issuer.StartDetails.MalformedDetailsException;
import dev.errand.state.StandingErrand;
import dev.errand.template.StandingLimits;
import dev.errand.template.Template;
import dev.errand.token.Narrowing;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Judges what a run of a standing errand is granted. Pure; thread-safe. */
record StandingGrants(AskedTasks asked, StartPolicy policy) {
    /** The refusal if the template no longer permits what the human allowed. */
    static final Refusal NARROWED =
            Refusal.of(StartReason.STANDING_NARROWED, OauthError.INVALID_GRANT, "standing-narrowed");

    /** What the human allowed, as far as the template permits all of it now. */
    Outcome<Grant> allowed(
            StandingErrand errand, AskedTask request, SubjectToken subject, @Nullable Template was, Template now) {
        StandingErrand.Allowed runs = errand.allowed();
        StandingLimits most = now.admission().standing();
        boolean within = most != null
                && runs.runs() <= most.runs()
                && runs.untilMillis() - runs.atMillis() <= most.within().toMillis();
        if (was == null || !within || !(asked.judge(was, request, subject) instanceof Outcome.Accepted<Grant> first)) {
            return new Outcome.Refused<>(NARROWED);
        }
        Grant then = first.value();
        if (now.revision().equals(was.revision())) {
            return first;
        }
        Outcome<Grant> judged = asked.unconsented(now, request, subject);
        if (!(judged instanceof Outcome.Accepted<Grant> accepted)) {
            return new Outcome.Refused<>(NARROWED);
        }
        Grant today = accepted.value();
        boolean all = Narrowing.of(today.capability(), then.capability()) instanceof Narrowing.Narrowed narrowed
                && narrowed.capability().toJson().equals(then.capability().toJson())
                && today.parameters().equals(then.parameters())
                && Objects.equals(today.bounds().sequence(), then.bounds().sequence())
                && today.bounds().pinned().equals(then.bounds().pinned());
        return !all
                ? new Outcome.Refused<>(NARROWED)
                : Outcome.accepted(new Grant(
                        today.template(),
                        then.parameters(),
                        then.capability(),
                        StartPolicy.least(then.bounds(), today.bounds()),
                        then.instruction(),
                        Math.min(then.lifetimeSeconds(), today.lifetimeSeconds()),
                        then.plan(),
                        then.consent(),
                        null));
    }

    /** What a run is granted of it that asks for less. */
    Outcome<Grant> narrowed(Grant allowed, StartDetails details) {
        return policy.run(allowed, details);
    }

    /** What a request for a run asks for; it may name only what narrows the run. */
    static StartDetails details(String text, AskedTask request) throws MalformedDetailsException {
        StartDetails details = StartDetails.parse(text);
        StartDetails first = StartDetails.parse(request.details());
        if (!details.template().equals(first.template())) {
            throw new MalformedDetailsException("a run is of the template that the human allowed");
        }
        if (!details.parameters().isEmpty() && !details.parameters().equals(first.parameters())) {
            throw new MalformedDetailsException("a run has the parameters that the human allowed: leave them out");
        }
        if (details.instruction() != null
                || details.purpose() != null
                || details.named() != null
                || details.standing() != null) {
            throw new MalformedDetailsException(
                    "a run takes no instruction, purpose, human and standing: they are those that the human allowed");
        }
        return details;
    }
}
