package dev.errand.issuer;

import dev.errand.denial.StartReason;
import dev.errand.issuer.StartDetails.MalformedDetailsException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.task.PinnedArguments;
import dev.errand.template.Template;
import dev.errand.template.TemplateParser.Narrowed;
import dev.errand.token.Capability;
import dev.errand.token.CapabilityParser;
import dev.errand.token.Instruction;
import dev.errand.token.MalformedConstraintException;
import dev.errand.token.Narrowing;
import dev.errand.token.ParameterValue;
import dev.errand.token.SpiffeId;
import dev.errand.token.TaskBounds;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether an authenticated agent may start a task for a human, and with how much: template ∩ the human's consent
 * ∩ request. Pure; thread-safe.
 *
 * @param narrower a template with a narrower plan, whose steps are given as JSON
 */
record StartPolicy(
        Function<String, Optional<Template>> templates,
        BiFunction<Template, String, Narrowed> narrower,
        IssuerSettings settings) {
    Outcome<Grant> decide(SpiffeId agent, SubjectToken subject, StartDetails details) {
        Template template = templates.apply(details.template()).orElse(null);
        if (template == null) {
            return Outcome.refused(
                    StartReason.TEMPLATE, OauthError.INVALID_AUTHORIZATION_DETAILS, "there is no such template");
        }
        return decide(template, agent, subject, details);
    }

    /** Decides under this revision of the template. */
    Outcome<Grant> decide(Template template, SpiffeId agent, SubjectToken subject, StartDetails details) {
        return decide(template, agent, subject, details, false);
    }

    /**
     * Decides about a task that a human allows at the page of the gateway. The human sees there what is granted, and so agrees to all of
     * it, whatever the token of the sign-in says.
     *
     * @param human the human who looks or allowed; null before anybody did
     */
    Outcome<Grant> shown(Template template, SpiffeId agent, @Nullable SubjectToken human, StartDetails details) {
        return decide(template, agent, human, details, true);
    }

    private Outcome<Grant> decide(
            Template whole, SpiffeId agent, @Nullable SubjectToken subject, StartDetails details, boolean page) {
        if (!whole.admission().admits(agent)) {
            return Outcome.refused(
                    StartReason.AGENT,
                    OauthError.UNAUTHORIZED_CLIENT,
                    "the template is not for this agent, " + agent + ": no pattern of its agents matches");
        }
        String plan = details.plan();
        Narrowed planned = plan == null ? new Narrowed.Accepted(whole) : narrower.apply(whole, plan);
        if (planned instanceof Narrowed.Refused refused) {
            return Outcome.refused(StartReason.CONSTRAINT, OauthError.INVALID_AUTHORIZATION_DETAILS, refused.why());
        }
        Template template = ((Narrowed.Accepted) planned).template();
        if (subject != null && !mayAct(subject.claims(), agent)) {
            return Outcome.refused(
                    StartReason.MAY_ACT,
                    OauthError.INVALID_REQUEST,
                    "the subject token's may_act names another than the client");
        }
        if (subject != null
                && !template.admission().humans().admits(subject.human().issuer(), subject.claims())) {
            return Outcome.refused(
                    StartReason.GROUP, OauthError.INVALID_GRANT, "the human may not authorise this template");
        }
        String fault = template.refusesParameters(details.parameters());
        if (fault != null) {
            return Outcome.refused(StartReason.PARAMETER, OauthError.INVALID_AUTHORIZATION_DETAILS, fault);
        }
        Map<String, ParameterValue> parameters = template.normal(details.parameters());
        TaskBounds bounds = template.bounds();
        Long consented = null;
        StartDetails agreed = null;
        JsonObject claims = page || subject == null ? JsonObject.EMPTY : subject.claims();
        try {
            List<StartDetails> consents = StartDetails.consents(claims);
            boolean demanded = !page && template.admission().humans().consentTask();
            if (demanded || !consents.isEmpty()) {
                StartDetails consent = Consent.to(details, parameters, template, consents);
                if (consent == null) {
                    return Outcome.refused(
                            StartReason.CONSENT,
                            OauthError.INVALID_GRANT,
                            "the human's token must itself name this template and these parameters");
                }
                bounds = narrow(bounds, consent.bounds());
                consented = consent.lifetimeSeconds();
                agreed = consent;
            }
        } catch (MalformedDetailsException e) {
            return Outcome.refused(
                    StartReason.CONSENT,
                    OauthError.INVALID_GRANT,
                    "the human's own authorization_details are malformed");
        }
        if (template.admission().instruction().require() && !says(details.instruction())) {
            return Outcome.refused(
                    StartReason.INSTRUCTION,
                    OauthError.INVALID_AUTHORIZATION_DETAILS,
                    "the template requires an instruction with ref or digest in errand_start");
        }
        boolean toValues = page || Consent.toValues(template.admission().humans(), claims, agreed, details);
        String digest = page ? null : Consent.digest(template.admission().humans(), claims, agreed);
        Outcome<Grant> granted = narrow(parameters, toValues, template, claims, details, bounds, consented);
        return digest != null && toValues && granted instanceof Outcome.Accepted<Grant> accepted
                ? Outcome.accepted(accepted.value().agreed(digest, "token", issuedAt(claims)))
                : granted;
    }

    private static long issuedAt(JsonObject claims) {
        return claims.get("iat") instanceof JsonNumber iat && iat.isLong() ? iat.asLong() : 0;
    }

    private Outcome<Grant> narrow(
            Map<String, ParameterValue> parameters,
            boolean agreedToValues,
            Template template,
            JsonObject claims,
            StartDetails details,
            TaskBounds bounds,
            @Nullable Long consented) {
        Capability granted = template.granted(parameters);
        Capability capability = granted;
        PinnedArguments pinned = template.grants().pinned();
        Set<String> unfixed = pinned.operations();
        Map<String, Map<String, List<JsonValue>>> values = Map.of();
        JsonObject asked = details.tools();
        if (asked != null) {
            try {
                Capability given = CapabilityParser.parse(asked, CapabilityParser.MAX_NESTING);
                unfixed = agreedToValues ? pinned.unfixed(given) : unfixed;
                values = agreedToValues ? pinned.values(granted, given) : values;
                Narrowing narrowing = Narrowing.of(
                        PinnedArguments.without(pinned.narrowed(granted, given), unfixed),
                        pinned.unfixing(granted, given));
                if (!(narrowing instanceof Narrowing.Narrowed narrowed)) {
                    return Outcome.refused(
                            StartReason.CONSTRAINT,
                            OauthError.INVALID_AUTHORIZATION_DETAILS,
                            "a requested constraint is neither narrower nor wider than the template's");
                }
                capability = pinned.closing(narrowed.capability(), given);
            } catch (MalformedConstraintException e) {
                return Outcome.refused(
                        StartReason.CONSTRAINT,
                        OauthError.INVALID_AUTHORIZATION_DETAILS,
                        "the attenuating_agent_token entry is malformed");
            }
        }
        capability = PinnedArguments.without(capability, unfixed);
        if (capability.tools().isEmpty()) {
            return Outcome.refused(
                    StartReason.NOTHING_GRANTED,
                    OauthError.INVALID_AUTHORIZATION_DETAILS,
                    unfixed.isEmpty()
                            ? "nothing of what was asked is granted"
                            : "nothing of what was asked is granted: the start must fix every pinned argument to values"
                                    + " in its attenuating_agent_token entry"
                                    + (template.admission().humans().consents()
                                            ? ", and the human's token must hold the digest of its tools"
                                            : ""));
        }
        long lifetime =
                Math.min(template.lifetime().toSeconds(), settings.maxLifetime().toSeconds());
        for (Long bound : new Long[] {details.lifetimeSeconds(), consented}) {
            lifetime = bound == null ? lifetime : Math.min(lifetime, bound);
        }
        return Outcome.accepted(new Grant(
                template,
                parameters,
                capability,
                narrow(bounds, details.bounds()).pinning(values),
                judged(template, claims, details.instruction()),
                lifetime,
                details.plan(),
                null,
                null));
    }

    /**
     * What a run of a standing errand is granted: what the human allowed, narrowed by what the request asks for.
     *
     * @param allowed what the human allowed, as the running template permits it
     */
    Outcome<Grant> run(Grant allowed, StartDetails details) {
        Template template = allowed.template();
        String plan = details.plan();
        Narrowed planned = plan == null ? new Narrowed.Accepted(template) : narrower.apply(template, plan);
        if (planned instanceof Narrowed.Refused refused) {
            return Outcome.refused(StartReason.CONSTRAINT, OauthError.INVALID_AUTHORIZATION_DETAILS, refused.why());
        }
        Template governing = ((Narrowed.Accepted) planned).template();
        Capability capability = allowed.capability();
        JsonObject asked = details.tools();
        if (asked != null) {
            try {
                Capability given = CapabilityParser.parse(asked, CapabilityParser.MAX_NESTING);
                if (!(Narrowing.of(capability, given) instanceof Narrowing.Narrowed narrowed)
                        || narrowed.capability().tools().isEmpty()) {
                    return Outcome.refused(
                            StartReason.CONSTRAINT,
                            OauthError.INVALID_AUTHORIZATION_DETAILS,
                            "a run may only narrow what the human allowed");
                }
                capability = narrowed.capability();
            } catch (MalformedConstraintException e) {
                return Outcome.refused(
                        StartReason.CONSTRAINT,
                        OauthError.INVALID_AUTHORIZATION_DETAILS,
                        "the attenuating_agent_token entry is malformed");
            }
        }
        TaskBounds bounds = narrow(allowed.bounds(), details.bounds());
        Long lifetime = details.lifetimeSeconds();
        return Outcome.accepted(new Grant(
                governing,
                allowed.parameters(),
                capability,
                new TaskBounds(
                        bounds.calls(),
                        bounds.children(),
                        bounds.limits(),
                        plan == null ? bounds.sequence() : governing.bounds().sequence(),
                        allowed.bounds().pinned()),
                allowed.instruction(),
                lifetime == null ? allowed.lifetimeSeconds() : Math.min(lifetime, allowed.lifetimeSeconds()),
                plan == null ? allowed.plan() : plan,
                allowed.consent(),
                null));
    }

    /** The least of both bounds, with the plan of the first. */
    static TaskBounds least(TaskBounds one, TaskBounds other) {
        return narrow(one, other).pinning(one.pinned());
    }

    /** Whether the agent may act with the token. If the token has {@code may_act}, only the one it names may (RFC 8693 section 4.4). */
    private static boolean mayAct(JsonObject claims, SpiffeId agent) {
        JsonValue mayAct = claims.get("may_act");
        return mayAct == null
                || (mayAct instanceof JsonObject actor && agent.toString().equals(actor.string("sub")));
    }

    private static TaskBounds narrow(TaskBounds one, TaskBounds other) {
        Set<TaskBounds.Limit> limits = new LinkedHashSet<>(one.limits());
        limits.addAll(other.limits());
        return new TaskBounds(
                least(one.calls(), other.calls()),
                least(one.children(), other.children()),
                List.copyOf(limits),
                one.sequence());
    }

    private static @Nullable Long least(@Nullable Long one, @Nullable Long other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return Math.min(one, other);
    }

    private static boolean says(@Nullable Instruction instruction) {
        return instruction != null && instruction.isFindable();
    }

    /** What an agent says of its instruction is trusted only where the human's token or the template says so. */
    private static @Nullable Instruction judged(Template template, JsonObject claims, @Nullable Instruction said) {
        if (said == null) {
            return null;
        }
        boolean trusted = said.integrity() == Instruction.Integrity.TRUSTED
                && (template.admission().instruction().trustAgent()
                        || (said.digest() != null && digests(claims).contains(said.digest())));
        return new Instruction(
                said.source(),
                said.ref(),
                said.digest(),
                trusted ? Instruction.Integrity.TRUSTED : Instruction.Integrity.UNTRUSTED);
    }

    /** The instruction digests that the human's token carries: in its {@code instruction}, or in an errand_start of it. */
    private static List<String> digests(JsonObject claims) {
        List<String> digests = new ArrayList<>();
        JsonObject instruction = claims.object("instruction");
        String own = instruction == null ? null : instruction.string("digest");
        if (own != null) {
            digests.add(own);
        }
        try {
            for (StartDetails consent : StartDetails.consents(claims)) {
                Instruction consented = consent.instruction();
                if (consented != null && consented.digest() != null) {
                    digests.add(consented.digest());
                }
            }
        } catch (MalformedDetailsException e) {
            return digests;
        }
        return digests;
    }
}
