package dev.errand.sequence;

import dev.errand.sequence.InFlight.Outcome;
import dev.errand.sequence.binding.Place;
import dev.errand.sequence.rule.RuleMonitor;
import dev.errand.sequence.rule.Tally;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Applies the outcomes of calls in flight to a standing. Immutable and thread-safe.
 *
 * @param responseTimeoutMillis after this time a call without an outcome counts as failed, at exactly that time
 */
record Settling(@Nullable Plan plan, List<RuleMonitor> rules, long responseTimeoutMillis) {
    /** Applies the outcome of a call. */
    Standing settle(Standing standing, InFlight call, boolean happened, long atMillis) {
        return fold(settled(standing, call, happened, atMillis));
    }

    /** Gives back a call if no byte of it was sent. */
    Standing giveBack(Standing standing, InFlight call) {
        Standing returned =
                counted(standing, call, (rule, tally, place) -> rule.giveBack(tally, place, call.sentMillis()));
        // A step that counts sending is undone only if the calls permitted after it still fit without it.
        return plan == null || !plan.maySend(call) || !plan.fitsWithout(returned, call)
                ? fold(closed(returned, call, false))
                : fold(returned.without(call));
    }

    /** Removes the calls whose outcome, or the values of whose answer, are overdue. */
    Standing expire(Standing standing, long nowMillis) {
        Standing next = standing;
        for (InFlight call : standing.calls) {
            if (nowMillis - call.sentMillis() < responseTimeoutMillis) {
                continue;
            }
            if (call.unanswered()) {
                next = settled(next, call, false, call.sentMillis() + responseTimeoutMillis);
            } else if (call.returning()) {
                next = next.without(call);
            }
        }
        return next == standing ? standing : fold(next);
    }

    private Standing settled(Standing standing, InFlight call, boolean happened, long atMillis) {
        return closed(told(standing, call, happened, atMillis), call, happened);
    }

    /** Applies the outcome to the rules. */
    private Standing told(Standing standing, InFlight call, boolean happened, long atMillis) {
        if (!happened) {
            return counted(standing, call, (rule, tally, place) -> rule.failed(tally, place, atMillis));
        } else if (rules.isEmpty()) {
            return standing;
        }
        List<Tally> tallies = new ArrayList<>(standing.tallies);
        for (int i = 0; i < tallies.size(); i++) {
            tallies.set(i, rules.get(i).happened(tallies.get(i), call.places(), atMillis));
        }
        return standing.withTallies(tallies);
    }

    /** Applies the outcome to the plan. */
    private Standing closed(Standing standing, InFlight call, boolean happened) {
        if (!call.moves() || (!happened && plan != null && !plan.maySend(call))) {
            return standing.without(call);
        }
        List<InFlight> calls = new ArrayList<>(standing.calls);
        calls.set(calls.indexOf(call), call.with(happened ? Outcome.HAPPENED : Outcome.FAILED));
        return standing.withCalls(calls);
    }

    /** Changes the counts of one rule by one operation of a call. */
    private interface Change {
        Tally of(RuleMonitor rule, Tally tally, Place place);
    }

    private Standing counted(Standing standing, InFlight call, Change change) {
        if (rules.isEmpty()) {
            return standing;
        }
        List<Tally> tallies = new ArrayList<>(standing.tallies);
        for (int i = 0; i < tallies.size(); i++) {
            for (Place place : call.places()) {
                if (rules.get(i).concerns(place.symbol())) {
                    tallies.set(i, change.of(rules.get(i), tallies.get(i), place));
                }
            }
        }
        return standing.withTallies(tallies);
    }

    /** Moves the plan along the calls whose outcome is known, up to the first that is unanswered. */
    private Standing fold(Standing standing) {
        Configuration settled = standing.settled;
        if (plan == null || settled == null) {
            return standing;
        }
        List<InFlight> left = new ArrayList<>();
        boolean open = false;
        for (InFlight call : standing.calls) {
            open |= call.moves() && call.unanswered();
            if (open || !call.moves()) {
                left.add(call);
            } else {
                settled = plan.after(Set.of(settled), call).iterator().next();
            }
        }
        return new Standing(settled, left, standing.tallies);
    }
}
