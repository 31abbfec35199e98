package dev.errand.sequence;

import dev.errand.sequence.SequencePolicy.Objection;
import dev.errand.sequence.rule.Place;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The plan's part of a policy: where calls in flight may lead, and whether one more call fits. Immutable. */
final class Plan {
    /** The most positions in the plan that may be possible at once while calls are in flight. */
    static final int MAX_WAYS = 8_192;

    /** The same if unknown outcomes are among the causes: these ways stay open, and each step walks them. */
    static final int MAX_UNKNOWN_WAYS = 512;

    final Automaton automaton;
    private final PlanWording wording;
    private final List<String> interleave;
    private final boolean[] moves;
    private final boolean[] maySend;

    Plan(Automaton automaton, int symbols, List<String> interleave) {
        this.automaton = automaton;
        this.wording = new PlanWording(automaton, interleave);
        this.interleave = List.copyOf(interleave);
        this.moves = new boolean[symbols];
        this.maySend = new boolean[symbols];
        for (int state = 0; state < automaton.states(); state++) {
            for (int edge = automaton.firstEdge(state); edge < automaton.endEdge(state); edge++) {
                moves[automaton.symbol(edge)] = true;
                maySend[automaton.symbol(edge)] |= automaton.sent(edge);
            }
        }
    }

    /** Whether the operation is a step of the plan. */
    boolean moves(Place place) {
        return moves[place.symbol()];
    }

    /**
     * Whether a call with these places can move the plan. A repetition of the current step cannot, whatever the
     * outcomes of this call and of the calls in flight are; its outcome need not be known then.
     */
    boolean isMovedBy(SequencePosition position, List<Place> places) {
        boolean moves = false;
        for (Place place : places) {
            moves |= moves(place);
        }
        if (!moves) {
            return false;
        }
        for (InFlight call : position.calls) {
            // A call in flight that counts sending may still be given back, and this call may depend on it.
            if (call.moves() && call.open() && maySend(call.places())) {
                return true;
            }
        }
        for (Configuration way : position.frontier(this)) {
            if (!way.equals(way.happened(automaton, places)) || !way.equals(way.sentOnly(automaton, places))) {
                return true;
            }
        }
        return false;
    }

    /** Whether a call with these places may move the plan even if it did not happen, because a step counts sending. */
    boolean maySend(List<Place> places) {
        return places.stream().anyMatch(place -> maySend[place.symbol()]);
    }

    /**
     * What must be told of a call that moves the plan.
     *
     * @param sent whether the call counts as sent already
     */
    Awaited awaited(SequencePosition position, List<Place> places, boolean sent) {
        if (sent || !maySend(places)) {
            return Awaited.OUTCOME;
        }
        Awaited most = Awaited.OUTCOME;
        for (Configuration way : position.frontier(this)) {
            Configuration after = way.sentOnly(automaton, places);
            if (!after.equals(way)) {
                boolean follows = automaton.firstEdge(after.state) < automaton.endEdge(after.state);
                most = most.and(follows ? Awaited.SENDING_AT_ONCE : Awaited.SENDING);
            }
        }
        return most;
    }

    /** How a call may have come out, for the plan. */
    private enum End {
        NOT_SENT,
        SENT,
        HAPPENED
    }

    private static Set<End> ends(InFlight call) {
        return switch (call.outcome()) {
            case HAPPENED -> EnumSet.of(End.HAPPENED);
            case FAILED -> EnumSet.of(End.SENT);
            case UNANSWERED, UNKNOWN -> call.sent() ? EnumSet.of(End.SENT, End.HAPPENED) : EnumSet.allOf(End.class);
        };
    }

    private Configuration after(Configuration way, InFlight call, End end) {
        return switch (end) {
            case NOT_SENT -> way;
            case SENT -> way.sentOnly(automaton, call.places());
            case HAPPENED -> way.happened(automaton, call.places());
        };
    }

    /** The possible positions after a call, for all of its possible outcomes. */
    Set<Configuration> after(Collection<Configuration> before, InFlight call) {
        Set<End> ends = ends(call);
        Set<Configuration> after = new LinkedHashSet<>();
        for (Configuration way : before) {
            for (End end : ends) {
                after.add(after(way, call, end));
            }
        }
        return after;
    }

    /**
     * Checks whether a call with these operations fits; null if it does.
     *
     * @param asked the operations in order, without interleaved ones; the place is null if no step names the operation
     */
    @Nullable Objection check(SequencePosition position, List<Asked> asked) {
        if (asked.isEmpty()) {
            return null;
        }
        Set<Configuration> ways = position.frontier(this);
        int most = most(position.calls);
        if (ways.size() > most) {
            return wording.tooManyWays(
                    asked.get(0).operation(), most, waits(position) ? List.of() : position.unknown(InFlight::moves));
        }
        List<Misfit> misfits = new ArrayList<>();
        for (Configuration way : ways) {
            Misfit misfit = misfit(way, asked);
            if (misfit != null) {
                misfits.add(misfit);
            }
        }
        if (misfits.isEmpty()) {
            return null;
        }
        if (misfits.size() == ways.size()) {
            return wording.refused(ways, misfits);
        }
        List<String> unknown = position.unknown(InFlight::moves);
        return unknown.isEmpty() || (waits(position) && mayFit(position, asked))
                ? wording.pending(position, misfits, unanswered(position))
                : wording.unknown(position, misfits, unknown);
    }

    /** The most positions that may be possible at once after these calls. */
    static int most(List<InFlight> calls) {
        return calls.stream().anyMatch(call -> call.moves() && call.unknown()) ? MAX_UNKNOWN_WAYS : MAX_WAYS;
    }

    /** Whether the plan waits for the outcome of a call in flight. */
    private static boolean waits(SequencePosition position) {
        return position.calls.stream().anyMatch(call -> call.moves() && call.unanswered());
    }

    /**
     * Whether some outcomes of the calls in flight let the call fit, whatever the unknown outcomes are. True also if this
     * would take too long to find out.
     */
    private boolean mayFit(SequencePosition position, List<Asked> asked) {
        Set<Set<Configuration>> branches = Set.of(Set.of(Objects.requireNonNull(position.settled)));
        int most = most(position.calls);
        for (InFlight call : position.calls) {
            if (!call.moves()) {
                continue;
            }
            Set<Set<Configuration>> next = new LinkedHashSet<>();
            int size = 0;
            for (Set<Configuration> branch : branches) {
                for (Set<End> ends : call.unanswered() ? apart(ends(call)) : Set.of(ends(call))) {
                    Set<Configuration> after = new LinkedHashSet<>();
                    branch.forEach(way -> ends.forEach(end -> after.add(after(way, call, end))));
                    size += next.add(after) ? after.size() : 0;
                }
                if (size > most) {
                    return true;
                }
            }
            branches = next;
        }
        return branches.stream().anyMatch(branch -> branch.stream().allMatch(way -> misfit(way, asked) == null));
    }

    private static Set<Set<End>> apart(Set<End> ends) {
        Set<Set<End>> apart = new LinkedHashSet<>();
        ends.forEach(end -> apart.add(Set.of(end)));
        return apart;
    }

    private @Nullable Misfit misfit(Configuration way, List<Asked> asked) {
        Configuration at = way;
        for (int i = 0; i < asked.size(); i++) {
            Place place = asked.get(i).place();
            Configuration next = place == null ? null : at.advance(automaton, place);
            if (next == null) {
                List<String> before = asked.subList(0, i).stream()
                        .filter(one -> !one.dryRun())
                        .map(Asked::operation)
                        .toList();
                return new Misfit(way, at, before, asked.get(i).operation());
            }
            at = asked.get(i).dryRun() ? at : next;
        }
        return null;
    }

    private List<String> unanswered(SequencePosition position) {
        return position.calls.stream()
                .filter(call -> call.moves() && call.unanswered())
                .flatMap(call -> call.places().stream())
                .filter(this::moves)
                .map(place -> automaton.operationOf(place.symbol()))
                .distinct()
                .toList();
    }

    /** Whether the other calls in flight still fit, whatever their outcomes are, if one call is removed. */
    boolean fitsWithout(SequencePosition position, InFlight removed) {
        if (position.settled == null) {
            return true;
        }
        Set<Configuration> ways = Set.of(position.settled);
        for (InFlight call : position.calls) {
            if (call.moves() && !call.equals(removed)) {
                if (call.outcome() != InFlight.Outcome.FAILED) {
                    for (Configuration way : ways) {
                        if (!fits(way, call.places())) {
                            return false;
                        }
                    }
                }
                ways = after(ways, call);
                if (ways.size() > MAX_WAYS) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean fits(Configuration way, List<Place> places) {
        Configuration at = way;
        for (Place place : places) {
            if (moves(place)) {
                Configuration next = at.advance(automaton, place);
                if (next == null) {
                    return false;
                }
                at = next;
            }
        }
        return true;
    }

    /** The steps that fit whatever the outcomes of the calls in flight are. */
    PlanView view(SequencePosition position) {
        Set<Configuration> ways = position.frontier(this);
        boolean few = ways.size() <= most(position.calls);
        List<String> allows = new ArrayList<>();
        for (int symbol = 0; few && symbol < moves.length; symbol++) {
            int step = symbol;
            if (moves[step] && ways.stream().allMatch(way -> automaton.edge(way.state, step) != Automaton.NONE)) {
                allows.add(automaton.operationOf(step));
            }
        }
        return new PlanView(automaton.states(), allows.stream().sorted().toList(), interleave);
    }

    /**
     * One operation of a call that is checked.
     *
     * @param place null if neither the plan nor a rule names the operation
     */
    record Asked(Move move, @Nullable Place place) {
        String operation() {
            return move.operation();
        }

        boolean dryRun() {
            return move.dryRun();
        }
    }

    /**
     * The first operation of a call that does not fit.
     *
     * @param way the possible position in the plan before the call
     * @param at the position after the earlier operations of the call
     * @param before the earlier operations of the call, without dry runs
     * @param operation the operation that does not fit
     */
    record Misfit(Configuration way, Configuration at, List<String> before, String operation) {}
}
