package dev.errand.sequence;

import dev.errand.sequence.rule.KeptAnswers;
import dev.errand.sequence.rule.Tally;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The position of a task in its plan and rules: the plan's configuration after all calls whose outcome is known, the
 * later calls in flight in the order in which they were permitted, and the counts of each rule.
 */
final class SequencePosition implements SequenceState {
    final @Nullable Configuration settled;
    final List<InFlight> calls;
    final List<Tally> tallies;
    /** What operators said of calls whose outcome was unknown, the newest last. */
    final List<Said> said;

    /** What the last answers said. */
    final KeptAnswers kept;

    /**
     * The possible configurations of the plan, depending on the outcomes of the calls in flight; computed on first use.
     */
    private volatile @Nullable Set<Configuration> frontier;

    /**
     * What an operator said of a call.
     *
     * @param decision 64 bits of a hash of its decision id
     */
    record Said(long decision, boolean happened) {}

    SequencePosition(
            @Nullable Configuration settled,
            List<InFlight> calls,
            List<Tally> tallies,
            List<Said> said,
            KeptAnswers kept) {
        this.settled = settled;
        this.calls = List.copyOf(calls);
        this.tallies = List.copyOf(tallies);
        this.said = List.copyOf(said);
        this.kept = kept;
    }

    SequencePosition withTallies(List<Tally> next) {
        SequencePosition position = new SequencePosition(settled, calls, next, said, kept);
        position.frontier = frontier;
        return position;
    }

    SequencePosition withCalls(List<InFlight> next) {
        return new SequencePosition(settled, next, tallies, said, kept);
    }

    /** A copy with what an operator said; it replaces the oldest if there are {@value CompiledSequence#MAX_SAID}. */
    SequencePosition with(Said one) {
        List<Said> next = new ArrayList<>(said);
        next.add(one);
        return new SequencePosition(
                settled,
                calls,
                tallies,
                next.subList(Math.max(0, next.size() - CompiledSequence.MAX_SAID), next.size()),
                kept);
    }

    /** A copy with other answers. */
    SequencePosition with(KeptAnswers next) {
        if (next == kept) {
            return this;
        }
        SequencePosition position = new SequencePosition(settled, calls, tallies, said, next);
        position.frontier = frontier;
        return position;
    }

    /** What an operator said of a call; null if nothing, or too long ago. */
    @Nullable Said said(long decision) {
        for (Said one : said) {
            if (one.decision() == decision) {
                return one;
            }
        }
        return null;
    }

    /** The unanswered call of a decision, or the one whose outcome is unknown; null if there is none. */
    @Nullable InFlight open(long decision) {
        for (InFlight call : calls) {
            if (call.decision() == decision && call.open()) {
                return call;
            }
        }
        return null;
    }

    /** The decisions of the matching calls whose outcome is unknown, in the order of their permits. */
    List<String> unknown(Predicate<InFlight> test) {
        return calls.stream()
                .filter(call -> call.unknown() && test.test(call))
                .map(call -> Objects.requireNonNull(call.id()))
                .toList();
    }

    /** The call of a decision, if values of its answer are still awaited; else null. */
    @Nullable InFlight returning(long decision) {
        for (InFlight call : calls) {
            if (call.decision() == decision && call.returning()) {
                return call;
            }
        }
        return null;
    }

    /** Whether there is no room for one more awaited call with this many operations. */
    boolean isFull(int places) {
        int awaited = 0;
        int taken = places;
        for (InFlight call : calls) {
            if (call.awaits()) {
                awaited++;
                taken += call.places().size();
            }
        }
        return awaited >= CompiledSequence.MAX_IN_FLIGHT || (awaited > 0 && taken > CompiledSequence.MAX_PLACES);
    }

    /**
     * Makes room for one more call, with this many operations, that is kept only so that it can be given back: drops
     * the oldest calls of this kind.
     */
    SequencePosition withoutOldest(int places) {
        int returnable = 1;
        int taken = places;
        Set<InFlight> kept = new HashSet<>();
        for (int i = calls.size() - 1; i >= 0; i--) {
            InFlight call = calls.get(i);
            if (!call.awaits()) {
                returnable++;
                taken += call.places().size();
                if (isReturnable(returnable, taken)) {
                    kept.add(call);
                }
            }
        }
        return isReturnable(returnable, taken)
                ? this
                : withCalls(calls.stream()
                        .filter(call -> call.awaits() || kept.contains(call))
                        .toList());
    }

    private static boolean isReturnable(int calls, int places) {
        return calls <= CompiledSequence.MAX_RETURNABLE && places <= CompiledSequence.MAX_PLACES;
    }

    /** Why there is no room for one more awaited call; the decisions are empty if waiting may make room. */
    List<String> filling() {
        boolean waits = calls.stream().anyMatch(call -> call.awaits() && call.unanswered());
        return waits ? List.of() : unknown(InFlight::awaits);
    }

    SequencePosition without(InFlight call) {
        List<InFlight> left = new ArrayList<>(calls);
        left.remove(call);
        return withCalls(left);
    }

    /** A copy with one more call in flight. */
    SequencePosition and(InFlight call, @Nullable Plan plan) {
        List<InFlight> next = new ArrayList<>(calls);
        next.add(call);
        SequencePosition position = new SequencePosition(settled, next, tallies, said, kept);
        Set<Configuration> known = frontier;
        if (known != null) {
            position.frontier = plan != null && call.moves() ? plan.after(known, call) : known;
        }
        return position;
    }

    /**
     * The possible configurations of the plan; in the first one, no unanswered call happened. Once they are more than
     * {@link Plan#most}, no more are looked for.
     */
    Set<Configuration> frontier(Plan plan) {
        Set<Configuration> known = frontier;
        if (known == null) {
            known = settled == null ? Set.of() : new LinkedHashSet<>(Set.of(settled));
            int most = Plan.most(calls);
            for (InFlight call : calls) {
                known = call.moves() && known.size() <= most ? plan.after(known, call) : known;
            }
            frontier = known;
        }
        return known;
    }

    @Override
    public String settled() {
        return settled == null ? "any" : Integer.toString(settled.state);
    }

    @Override
    public String describe() {
        int unanswered = 0;
        int unknown = 0;
        for (InFlight call : calls) {
            unanswered += call.awaits() && call.unanswered() ? 1 : 0;
            unknown += call.unknown() ? 1 : 0;
        }
        return settled()
                + (unanswered == 0 ? "" : "+" + unanswered + " in flight")
                + (unknown == 0 ? "" : "+" + unknown + " unknown");
    }
}
