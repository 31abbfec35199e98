package dev.errand.sequence;

import dev.errand.sequence.InFlight.Outcome;
import dev.errand.sequence.Plan.Asked;
import dev.errand.sequence.SequencePolicy.Judged;
import dev.errand.sequence.SequencePolicy.Objection;
import dev.errand.sequence.binding.Place;
import dev.errand.sequence.binding.Vocabulary;
import dev.errand.sequence.rule.RuleMonitor;
import dev.errand.sequence.rule.Surroundings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Judges one call by plan and rules, and takes its places. Immutable and thread-safe. */
record JudgedCall(Vocabulary vocabulary, @Nullable Plan plan, Set<String> interleave, List<RuleMonitor> rules) {
    /** @param decision 64 bits of a hash of the call's decision id */
    Judged of(Standing standing, List<Move> moves, Surroundings task, long decision) {
        List<Asked> inPlan = new ArrayList<>();
        List<Asked> known = new ArrayList<>();
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
        Objection byPlan = plan == null ? null : plan.check(standing, inPlan);
        if (known.isEmpty()) {
            return new Judged(standing, byPlan == null ? List.of() : List.of(byPlan), List.of(), false);
        }
        RuleCount count = new RuleCount(rules, standing, known, task);
        return taken(standing, known, count, byPlan, decision, task.nowMillis());
    }

    private Judged taken(
            Standing standing,
            List<Asked> known,
            RuleCount count,
            @Nullable Objection byPlan,
            long decision,
            long nowMillis) {
        List<Place> places = count.places();
        boolean moves = byPlan == null && plan != null && plan.isMovedBy(standing, places);
        boolean awaits = moves || count.awaits();
        boolean full = awaits && standing.isFull(places.size());
        List<Objection> objections = objections(
                byPlan, count.refusals(), full ? PlanWording.full(known.get(0).operation()) : null);
        if (!awaits && !count.returnable()) {
            return new Judged(standing.withTallies(count.tallies()), objections, count.observed(), false);
        }
        InFlight call = new InFlight(decision, nowMillis, Outcome.UNANSWERED, moves, awaits, places);
        Standing room = awaits ? standing : standing.withoutOldest(places.size());
        return new Judged(room.withTallies(count.tallies()).and(call, plan), objections, count.observed(), awaits);
    }

    private static List<Objection> objections(
            @Nullable Objection first, List<Objection> ofRules, @Nullable Objection last) {
        if (first == null && last == null) {
            return ofRules;
        }
        List<Objection> all = new ArrayList<>(ofRules.size() + 2);
        if (first != null) {
            all.add(first);
        }
        all.addAll(ofRules);
        if (last != null) {
            all.add(last);
        }
        return all;
    }
}
