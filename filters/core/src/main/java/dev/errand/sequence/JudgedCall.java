package dev.errand.sequence;

import dev.errand.sequence.Plan.Asked;
import dev.errand.sequence.SequencePolicy.Judged;
import dev.errand.sequence.SequencePolicy.Objection;
import dev.errand.sequence.rule.RuleContext;
import dev.errand.sequence.rule.RuleMonitor;
import dev.errand.sequence.rule.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Judges one call by plan and rules, and takes its places. Immutable and thread-safe. */
record JudgedCall(Vocabulary vocabulary, @Nullable Plan plan, Set<String> interleave, List<RuleMonitor> rules) {
    Judged of(SequencePosition position, List<Move> moves, RuleContext task, String decision) {
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
        Objection byPlan = plan == null ? null : plan.check(position, inPlan);
        if (known.isEmpty()) {
            return new Judged(position, byPlan == null ? List.of() : List.of(byPlan), List.of(), Awaited.NOTHING);
        }
        RuleCount count = new RuleCount(rules, position, known, task);
        Taken taken = Taken.of(position, plan, moves, count, takesPlace(byPlan), decision, task.nowMillis());
        Objection full = taken.fits() ? null : PlanWording.full(known.get(0).operation(), position.filling());
        return new Judged(taken.next(), objections(byPlan, count.refusals(), full), count.observed(), taken.awaited());
    }

    /**
     * Whether the call takes a place in the plan. If it fits only for some unknown outcomes and people let it pass, it
     * takes its place for these; for the others it moves nothing.
     */
    private static boolean takesPlace(@Nullable Objection byPlan) {
        return byPlan == null || (byPlan.kind() == Objection.Kind.UNKNOWN && byPlan.rule() != null);
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
