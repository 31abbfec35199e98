package dev.errand.sequence;

import dev.errand.sequence.InFlight.Outcome;
import dev.errand.sequence.Plan.Asked;
import dev.errand.sequence.SequencePolicy.Objection;
import dev.errand.sequence.SequencePolicy.Overruled;
import dev.errand.sequence.binding.Place;
import dev.errand.sequence.binding.Vocabulary;
import dev.errand.sequence.rule.RuleMonitor;
import dev.errand.sequence.rule.Surroundings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes a call even if the plan or rules object, and collects all objections. A call that the plan objects to does not
 * move the plan; the rules count every call. For templates that ask humans; {@link CompiledSequence#take} takes all
 * other calls.
 */
record OverruledCall(Vocabulary vocabulary, @Nullable Plan plan, Set<String> interleave, List<RuleMonitor> rules) {
    /** @param decision 64 bits of a hash of the call's decision id */
    Overruled take(Standing standing, List<Move> moves, Surroundings task, long decision) {
        List<Asked> inPlan = new ArrayList<>(moves.size());
        List<Asked> known = new ArrayList<>(moves.size());
        for (Move move : moves) {
            int symbol = vocabulary.symbol(move.operation());
            Asked asked = new Asked(move, symbol < 0 ? null : vocabulary.place(symbol, move.arguments()));
            if (asked.place() != null) {
                known.add(asked);
            }
            if (plan != null && !interleave.contains(move.operation())) {
                inPlan.add(asked);
            }
        }
        List<Objection> objections = new ArrayList<>(1);
        Objection byPlan = plan == null ? null : plan.check(standing, inPlan);
        if (byPlan != null) {
            objections.add(byPlan);
        }
        if (known.isEmpty()) {
            return new Overruled(standing, objections, List.of(), false);
        }
        RuleCount count = new RuleCount(rules, standing, known, task);
        objections.addAll(count.refusals());
        return taken(standing, known, count, objections, byPlan == null, decision, task.nowMillis());
    }

    private Overruled taken(
            Standing standing,
            List<Asked> known,
            RuleCount count,
            List<Objection> objections,
            boolean inPlan,
            long decision,
            long nowMillis) {
        List<Place> places = count.places();
        boolean moves = inPlan && plan != null && plan.isMovedBy(standing, places);
        boolean awaits = moves || count.awaits();
        Standing counted = standing.withTallies(count.tallies());
        if (!awaits && !count.returnable()) {
            return new Overruled(counted, objections, count.observed(), false);
        }
        if (awaits && standing.isFull(places.size())) {
            objections.add(PlanWording.full(known.get(0).operation()));
        }
        InFlight call = new InFlight(decision, nowMillis, Outcome.UNANSWERED, moves, awaits, places);
        Standing room = awaits ? standing : standing.withoutOldest(places.size());
        return new Overruled(room.withTallies(count.tallies()).and(call, plan), objections, count.observed(), awaits);
    }
}
