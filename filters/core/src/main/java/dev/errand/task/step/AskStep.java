package dev.errand.task.step;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.sequence.Move;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.SequenceState;
import dev.errand.task.ApprovalQuestion;
import dev.errand.task.ApprovalRequest;
import dev.errand.task.ApprovalRequest.State;
import dev.errand.task.ApprovalRequest.Waits;
import dev.errand.task.Approvals;
import dev.errand.task.AskPolicy;
import dev.errand.task.Offer;
import dev.errand.task.ShownObjection;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenAccount;
import dev.errand.token.Sha256;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides about a call against which only objections with the reaction {@code ask} stand: uses an earlier decision of
 * humans, or opens a request. Of the working copy it changes only the requests. Used within one step.
 *
 * @param at the state of plan, rules and flow
 * @param trusted whether the task is still trusted after flow
 * @param objections all objections, at least one; each has the reaction {@code ask}
 * @param next plan and rules with the call's places taken
 */
record AskStep(
        Ledger ledger,
        AskPolicy ask,
        TaskStep.Call call,
        String at,
        boolean trusted,
        List<Refusal> objections,
        SequenceState next) {
    private static final int MAX_UNKNOWN = 16;

    /** The outcome of the call. */
    sealed interface Answer {
        /** The call's question, or the answer of the request limit, is not known yet. */
        record Unasked(Refusal objection) implements Answer {}

        /** The call passes with this approved request, of which it has used one call. */
        record Passes(ApprovalRequest request) implements Answer {}

        /** The call waits for people. */
        record Waits(Refusal why, ApprovalRequest request, boolean opened) implements Answer {}

        /** The call is refused, by a human or because nobody can be asked. */
        record Objects(Refusal why) implements Answer {}
    }

    Answer answer() {
        ApprovalQuestion asking = call.asking();
        if (asking == null) {
            return new Answer.Unasked(objections.get(0));
        }
        Approvals approvals = ledger.approvals();
        if (!approvals.requests().isEmpty() && approvals.refusal(asking.call()) != null) {
            return new Answer.Objects(Refusal.approvalRefused(ask));
        }
        List<ShownObjection> standing =
                objections.stream().map(Refusal::objected).toList();
        if (standing.size() > ShownObjection.MOST) {
            return unasked("since more objects to the call than people can be shown");
        }
        String match = asking.match(at, trusted);
        ApprovalRequest known = approvals.open(match, standing, ledger.nowMillis());
        if (known != null && known.state() == State.APPROVED) {
            ledger.keep(approvals.used(known.id(), Sha256.fingerprint(call.decision())));
            return new Answer.Passes(used(known.id()));
        }
        // What humans refused once is asked about alone, whatever else of the call differs.
        Offer.Terms written = ask.always().offer(call.calls());
        Offer.Terms terms = written == null || approvals.isRefused(asking.subject()) ? null : written;
        ApprovalRequest offered = terms == null ? null : offered(asking, terms, match, standing);
        if (offered != null) {
            return new Answer.Passes(offered);
        }
        if (known == null) {
            return mayOpen(asking, match, standing, terms);
        }
        ledger.keep(approvals.met(known.id(), ledger.nowMillis()));
        return waits(known, false);
    }

    /** Lets the call pass by an offer that people have approved: the request after this use; null if none covers the call. */
    private @Nullable ApprovalRequest offered(
            ApprovalQuestion asking, Offer.Terms terms, String match, List<ShownObjection> standing) {
        Approvals approvals = ledger.approvals();
        if (approvals.requests().isEmpty()) {
            return null;
        }
        Offer.Covered covered = new Offer.Covered(
                asking.matchOfMany(fixed(terms)), trusted, ledger.sequence().settled(), standing);
        ApprovalRequest request = approvals.offering(covered, ledger.nowMillis());
        if (request == null) {
            return null;
        }
        Offer.Use use = new Offer.Use(Sha256.fingerprint(call.decision()), grown(request.objected(), terms));
        // Nobody needs to decide about this call alone any more.
        ledger.keep(approvals.withoutOpen(match, ledger.nowMillis()).used(request.id(), use));
        return used(request.id());
    }

    /** The request as this call has left it. */
    private ApprovalRequest used(String id) {
        return Objects.requireNonNull(ledger.approvals().find(id));
    }

    /** By how much the call raises what each of these objections counts. */
    private List<Long> grown(List<ShownObjection> shown, Offer.Terms terms) {
        Move move = Judgement.moves(call).get(0);
        SequencePolicy sequence = ledger.policy().sequence();
        Set<String> fixed = Set.copyOf(terms.fixed());
        return shown.stream()
                .map(each -> sequence.grown(
                        ledger.sequence(), next, move, fixed, each.place(), ledger.answers(), ledger.nowMillis()))
                .toList();
    }

    private JsonObject fixed(Offer.Terms terms) {
        return ApprovalQuestion.fixed(call.calls().get(0).arguments(), terms);
    }

    private Answer mayOpen(
            ApprovalQuestion asking, String match, List<ShownObjection> standing, Offer.@Nullable Terms terms) {
        // A request for this call in which people were shown less has ended.
        Approvals others = ledger.approvals().withoutOpen(match, ledger.nowMillis());
        if (!others.admits(ask.pending(), ledger.nowMillis())) {
            return unasked("since the task has as many open requests as it may");
        }
        return switch (asking.limit()) {
            case UNASKED -> new Answer.Unasked(objections.get(0));
            case FULL -> unasked("since the tasks of this human have asked as often as they may");
            case ADMITTED -> open(asking, match, standing, others, terms);
        };
    }

    private Answer open(
            ApprovalQuestion asking,
            String match,
            List<ShownObjection> standing,
            Approvals others,
            Offer.@Nullable Terms terms) {
        long now = ledger.nowMillis();
        long expires =
                Math.min(now + ask.withinMillis(), Math.min(asking.leafExpiresMillis(), ledger.expiresAtMillis()));
        ApprovalRequest opened = new ApprovalRequest(
                asking.id(),
                asking.call(),
                asking.subject(),
                match,
                asking.digest(at, trusted, standing, expires),
                at,
                ledger.sequence().settled(),
                trusted,
                standing,
                now,
                expires,
                State.PENDING,
                List.of(),
                0,
                call.chain().stream().map(TokenAccount::id).toList(),
                asking.told(),
                Waits.NONE,
                terms == null
                        ? null
                        : asking.offer(terms, fixed(terms), at, trusted, standing, expires, ledger.expiresAtMillis()));
        ledger.keep(others.with(opened));
        return waits(opened, true);
    }

    private Answer waits(ApprovalRequest request, boolean opened) {
        return new Answer.Waits(
                Refusal.approvalRequired(
                        "A human has to approve this call" + because() + " Ask again until it is decided.",
                        rule(),
                        unknown()),
                request,
                opened);
    }

    private Answer unasked(String because) {
        return new Answer.Objects(objections.get(0).unasked("Nobody is asked, " + because + "."));
    }

    /** Where the plan step or rule of the first objection was written; null if there is none. */
    private @Nullable String rule() {
        return objections.get(0).denial().rule();
    }

    /** The decisions of the calls whose unknown outcome objects. */
    private List<String> unknown() {
        return objections.stream()
                .flatMap(each -> each.denial().unknown().stream())
                .distinct()
                .limit(MAX_UNKNOWN)
                .toList();
    }

    private String because() {
        return objections.get(0).isEveryCall()
                ? ", as every call of its operation."
                : ": "
                        + objections.stream()
                                .map(each -> sentence(each.denial().detail()))
                                .collect(Collectors.joining(" "));
    }

    private static String sentence(@Nullable String text) {
        String said = String.valueOf(text);
        return said.endsWith(".") ? said : said + ".";
    }
}
