package dev.errand.sequence;

import dev.errand.sequence.Plan.Asked;
import dev.errand.sequence.SequencePolicy.Objection;
import dev.errand.sequence.SequencePolicy.Objection.Kind;
import dev.errand.sequence.binding.Place;
import dev.errand.sequence.rule.Breach;
import dev.errand.sequence.rule.RuleMonitor;
import dev.errand.sequence.rule.Tally;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The rules' side of one call: what they object to, and what they have counted once the call is let through. Made anew for
 * each call; not thread-safe.
 */
final class RuleCount {
    private final Predicate<Predicate<Place>> inFlight;
    private final long nowMillis;
    private final List<Tally> tallies;
    private List<Objection> observed = List.of();
    private List<Objection> refusals = List.of();
    private @Nullable Objection refusal;
    private boolean awaits;
    private boolean returnable;

    /** @param asked the operations in order, none without a place */
    RuleCount(List<RuleMonitor> rules, Standing standing, List<Asked> asked, long nowMillis) {
        this.inFlight = test -> anyUnanswered(standing, test);
        this.nowMillis = nowMillis;
        this.tallies = new ArrayList<>(standing.tallies);
        for (int i = 0; i < rules.size(); i++) {
            tallies.set(i, count(rules.get(i), tallies.get(i), asked));
        }
    }

    private Tally count(RuleMonitor rule, Tally before, List<Asked> asked) {
        Tally tally = before;
        Objection objection = null;
        for (Asked one : asked) {
            Place place = Objects.requireNonNull(one.place());
            if (!rule.concerns(place.symbol())) {
                continue;
            }
            Breach breach = rule.check(tally, place, inFlight, nowMillis);
            if (breach != null) {
                objection = graver(objection, objection(rule, breach));
            }
            if (!one.dryRun()) {
                awaits |= rule.awaits(tally, place);
                returnable |= rule.countsSent(tally, place);
                tally = rule.sent(tally, place, nowMillis);
            }
        }
        if (objection != null && rule.rule().observe()) {
            observed = observed.isEmpty() ? new ArrayList<>() : observed;
            observed.add(objection);
        } else if (objection != null) {
            refusal = graver(refusal, objection);
            refusals = refusals.isEmpty() ? new ArrayList<>() : refusals;
            refusals.add(objection);
        }
        return tally;
    }

    /** The first objection, but one that waits gives way to one that does not. */
    private static Objection graver(@Nullable Objection first, Objection next) {
        return first == null || (first.kind() == Kind.PENDING_RULE && next.kind() == Kind.RULE) ? next : first;
    }

    private static boolean anyUnanswered(Standing standing, Predicate<Place> test) {
        return standing.calls.stream()
                .anyMatch(call -> call.unanswered() && call.places().stream().anyMatch(test));
    }

    private static Objection objection(RuleMonitor rule, Breach breach) {
        return new Objection(
                breach.waits() ? Kind.PENDING_RULE : Kind.RULE,
                rule.rule().position().inFile(),
                breach.detail(),
                breach.trace());
    }

    /** Why the call is refused; null if no rule that is enforced objects. */
    @Nullable Objection refusal() {
        return refusal;
    }

    /** The objections of all rules that are enforced. */
    List<Objection> refusals() {
        return refusals;
    }

    /** The objections of rules that are only observed. */
    List<Objection> observed() {
        return observed;
    }

    /** What each rule has counted, with this call. */
    List<Tally> tallies() {
        return tallies;
    }

    /** Whether a rule waits for the call's outcome. */
    boolean awaits() {
        return awaits;
    }

    /** Whether a rule counted the sending, so that the call may be given back. */
    boolean returnable() {
        return returnable;
    }
}
