package dev.errand.sequence;

import dev.errand.sequence.rule.KeptAnswers;
import dev.errand.sequence.rule.Place;
import dev.errand.sequence.rule.RuleContext;
import dev.errand.sequence.rule.RuleMonitor;
import dev.errand.sequence.rule.Tally;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Applies the outcomes of calls in flight to a standing. Immutable and thread-safe.
 *
 * @param watched the operations whose last answers are kept
 * @param responseTimeoutMillis after this time a call has no outcome any more, at exactly that time
 */
record Settling(
        @Nullable Plan plan, List<RuleMonitor> rules, List<KeptAnswers.Watched> watched, long responseTimeoutMillis) {
    /** Applies an answer. One that comes late says what the call came to when its outcome was unknown. */
    SequencePosition settle(SequencePosition position, InFlight call, boolean happened, long atMillis) {
        SequencePosition others = expire(position, atMillis, call);
        InFlight open = others.open(call.decision());
        if (open == null) {
            return others;
        }
        if (open.unknown()) {
            InFlight answered = open.marked(InFlight.SENT);
            return know(replaced(others, answered), answered, happened, atMillis);
        }
        SequencePosition told = told(others, open, happened, atMillis, false);
        SequencePosition marked = happened ? overtaken(told, Long.MAX_VALUE) : told;
        return tidy(closed(marked, open.decision(), happened, true), atMillis);
    }

    /** Applies what became of a call whose outcome was unknown, as of the time since which it was unknown. */
    SequencePosition know(SequencePosition position, InFlight call, boolean happened, long nowMillis) {
        SequencePosition told = told(position, call, happened, call.unknownMillis(), call.overtaken());
        SequencePosition marked = happened ? overtaken(told, call.unknownMillis()) : told;
        return tidy(closed(marked, call.decision(), happened, call.sent()), nowMillis);
    }

    /** No answer came, and none will. */
    SequencePosition unanswered(SequencePosition position, InFlight call, boolean sent, long atMillis) {
        SequencePosition others = expire(position, atMillis, call);
        InFlight open = others.open(call.decision());
        if (open == null) {
            return others;
        }
        InFlight known = sent ? open.marked(InFlight.SENT) : open;
        SequencePosition marked = known == open ? others : replaced(others, known);
        boolean told = known.unknown() && known.changes();
        return tidy(told ? marked : lost(marked, known, known.changes(), atMillis), atMillis);
    }

    /** The whole request was handed to the connection. */
    SequencePosition sent(SequencePosition position, InFlight call) {
        return call.sent() ? position : fold(replaced(position, call.marked(InFlight.SENT)));
    }

    /** Gives back a call if no byte of it was sent. */
    SequencePosition giveBack(SequencePosition position, InFlight call, long nowMillis) {
        SequencePosition returned =
                counted(position, call, (rule, tally, place) -> rule.giveBack(tally, place, call.sentMillis()));
        // A step that counts sending is undone only if the calls permitted after it still fit without it.
        boolean undone =
                plan == null || !call.moves() || !plan.maySend(call.places()) || plan.fitsWithout(returned, call);
        return tidy(undone ? returned.without(call) : replaced(returned, call.failedUnsent()), nowMillis);
    }

    /** Takes note of the calls whose outcome, or the values of whose answer, are overdue. */
    SequencePosition expire(SequencePosition position, long nowMillis) {
        return position.calls.isEmpty() ? position : expire(position, nowMillis, null);
    }

    /** @param answered a call whose outcome is known now: a read that is overdue has not failed then; or null */
    private SequencePosition expire(SequencePosition position, long nowMillis, @Nullable InFlight answered) {
        SequencePosition next = position;
        for (InFlight call : position.calls) {
            if (nowMillis - call.sentMillis() < responseTimeoutMillis) {
                continue;
            }
            if (call.unanswered()) {
                // Whether it was sent is not known here, so a plan that counts sending knows less than an answer tells.
                boolean unknown =
                        call.changes() || (call.moves() && !call.sent() && plan != null && plan.maySend(call.places()));
                next = !unknown && call.equals(answered)
                        ? next
                        : lost(next, call, unknown, call.sentMillis() + responseTimeoutMillis);
            } else if (call.returning()) {
                next = next.without(call);
            }
        }
        return next == position ? prune(position, nowMillis) : tidy(next, nowMillis);
    }

    private SequencePosition tidy(SequencePosition position, long nowMillis) {
        return prune(fold(position), nowMillis);
    }

    /** The call has no outcome any more. */
    private SequencePosition lost(SequencePosition position, InFlight call, boolean unknown, long atMillis) {
        return unknown && call.awaits()
                ? replaced(position, call.unknown(atMillis))
                : closed(told(position, call, false, atMillis, false), call.decision(), false, call.sent());
    }

    /** Applies the outcome to the rules. */
    private SequencePosition told(
            SequencePosition position, InFlight call, boolean happened, long atMillis, boolean overtaken) {
        if (!happened) {
            return counted(position, call, (rule, tally, place) -> rule.failed(tally, place, atMillis));
        } else if (rules.isEmpty()) {
            return position;
        }
        List<Tally> tallies = new ArrayList<>(position.tallies);
        for (int i = 0; i < tallies.size(); i++) {
            RuleMonitor rule = rules.get(i);
            tallies.set(
                    i,
                    overtaken
                            ? rule.happenedBefore(tallies.get(i), call.places(), atMillis)
                            : rule.happened(tallies.get(i), call.places(), atMillis));
        }
        SequencePosition told = position.withTallies(tallies);
        return watched.isEmpty() ? told : told.with(told.kept.answered(watched, call.places(), atMillis));
    }

    /** Marks the calls whose outcome is unknown since before that time: another call happened then. */
    private static SequencePosition overtaken(SequencePosition position, long beforeMillis) {
        boolean any = position.calls.stream().anyMatch(call -> isOvertaken(call, beforeMillis));
        return any
                ? position.withCalls(position.calls.stream()
                        .map(call -> isOvertaken(call, beforeMillis) ? call.marked(InFlight.OVERTAKEN) : call)
                        .toList())
                : position;
    }

    private static boolean isOvertaken(InFlight call, long beforeMillis) {
        return call.unknown() && call.unknownMillis() < beforeMillis && !call.overtaken();
    }

    /**
     * Applies the outcome to the plan.
     *
     * @param sent whether steps count that count sending
     */
    private SequencePosition closed(SequencePosition position, long decision, boolean happened, boolean sent) {
        InFlight call = Objects.requireNonNull(position.open(decision));
        boolean counts = call.moves() && (happened || (sent && plan != null && plan.maySend(call.places())));
        return counts ? replaced(position, call.answered(happened)) : position.without(call);
    }

    private static SequencePosition replaced(SequencePosition position, InFlight call) {
        List<InFlight> calls = new ArrayList<>(position.calls);
        for (int i = 0; i < calls.size(); i++) {
            if (calls.get(i).decision() == call.decision() && calls.get(i).open()) {
                calls.set(i, call);
                break;
            }
        }
        return position.withCalls(calls);
    }

    /** Forgets the calls whose outcome is unknown, and on whose outcome nothing depends any more. */
    private SequencePosition prune(SequencePosition position, long nowMillis) {
        Set<InFlight> forgotten = null;
        for (InFlight call : position.calls) {
            if (call.unknown() && !call.moves() && !minds(position, call, nowMillis)) {
                forgotten = forgotten == null ? new HashSet<>() : forgotten;
                forgotten.add(call);
            }
        }
        if (forgotten == null) {
            return position;
        }
        List<InFlight> left = new ArrayList<>(position.calls);
        left.removeAll(forgotten);
        return position.withCalls(left);
    }

    private boolean minds(SequencePosition position, InFlight call, long nowMillis) {
        RuleContext.Unknown unknown = StandingView.of(call);
        for (int i = 0; i < rules.size(); i++) {
            RuleMonitor rule = rules.get(i);
            for (Place place : call.places()) {
                if (rule.concerns(place.symbol()) && rule.minds(position.tallies.get(i), place, unknown, nowMillis)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Changes the counts of one rule by one operation of a call. */
    private interface Change {
        Tally of(RuleMonitor rule, Tally tally, Place place);
    }

    private SequencePosition counted(SequencePosition position, InFlight call, Change change) {
        if (rules.isEmpty()) {
            return position;
        }
        List<Tally> tallies = new ArrayList<>(position.tallies);
        for (int i = 0; i < tallies.size(); i++) {
            Tally tally =
                    call.places().size() == 1 ? tallies.get(i) : tallies.get(i).working();
            for (Place place : call.places()) {
                if (rules.get(i).concerns(place.symbol())) {
                    tally = change.of(rules.get(i), tally, place);
                }
            }
            tallies.set(i, tally.done());
        }
        return position.withTallies(tallies);
    }

    /**
     * Moves the plan along the calls whose outcome is known, up to the first that is unanswered or leaves more than one way
     * open. Calls whose outcome is unknown are passed too, once the plan stands at one place whatever they came to.
     */
    private SequencePosition fold(SequencePosition position) {
        Configuration settled = position.settled;
        if (plan == null || settled == null) {
            return position;
        }
        Set<Configuration> ways = Set.of(settled);
        int folded = 0;
        for (int i = 0; i < position.calls.size(); i++) {
            InFlight call = position.calls.get(i);
            if (!call.moves()) {
                continue;
            }
            if (call.unanswered()) {
                break;
            }
            ways = plan.after(ways, call);
            if (ways.size() > Plan.MAX_UNKNOWN_WAYS) {
                break;
            } else if (ways.size() == 1) {
                settled = ways.iterator().next();
                folded = i + 1;
            }
        }
        if (folded == 0) {
            return position;
        }
        List<InFlight> left = new ArrayList<>(position.calls.size());
        for (int i = 0; i < position.calls.size(); i++) {
            InFlight call = position.calls.get(i);
            if (i >= folded || !call.moves()) {
                left.add(call);
            } else if (call.unknown()) {
                left.add(call.ofRulesOnly());
            }
        }
        return new SequencePosition(settled, left, position.tallies, position.said, position.kept);
    }
}
