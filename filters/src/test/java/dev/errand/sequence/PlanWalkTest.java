package dev.errand.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Position;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.sequence.SequenceCompiler.Compilation;
import dev.errand.sequence.SequencePolicy.Objection.Kind;
import dev.errand.sequence.SequencePolicy.Verdict;
import dev.errand.sequence.plan.PlanStep;
import dev.errand.sequence.plan.Times;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** 500 random plans, each walked 100 times beside {@link NaivePlan}. */
class PlanWalkTest {
    private static final String OPERATIONS = "abcd";
    private static final Position AT = new Position("t.yaml", 1, 1);

    @Test
    void take_randomPlansAndOutcomes_agreesWithNaiveSimulator() {
        int[] seen = new int[3];
        int plans = 0;
        int repetitions = 0;
        for (long seed = 0; plans < 500; seed++) {
            Random random = new Random(seed);
            int sent = random.nextInt(3) == 0 ? random.nextInt(16) : 0;
            int same = random.nextInt(3) == 0 ? random.nextInt(16) : 0;
            List<PlanStep> plan = steps(random, 2, sent, same);
            if (!(SequenceCompiler.compile(plan, List.of(), List.of(), SequenceCompiler.DEFAULT_RESPONSE_TIMEOUT)
                    instanceof Compilation.Compiled compiled)) {
                continue;
            }
            plans++;
            for (int walk = 0; walk < 100; walk++) {
                repetitions +=
                        walk(compiled.policy(), plan, random, seen, "plan " + seed + " walk " + walk + ": " + plan);
            }
        }
        // The walks must have met every answer, or they would prove nothing.
        assertThat(seen).doesNotContain(0);
        assertThat(repetitions).isGreaterThan(1_000);
    }

    /** Walks a plan beside the model; tells how many calls fitted whose outcome need not be known. */
    private static int walk(SequencePolicy policy, List<PlanStep> plan, Random random, int[] seen, String description) {
        NaivePlan naive = new NaivePlan(plan);
        SequenceState state = policy.start();
        long now = 1_000_000;
        int repetitions = 0;
        for (int step = 0; step < 10; step++) {
            now += random.nextInt(1_000);
            List<NaivePlan.Call> unanswered = naive.unanswered();
            if (!unanswered.isEmpty() && (unanswered.size() > 3 || random.nextInt(3) == 0)) {
                NaivePlan.Call call = unanswered.get(random.nextInt(unanswered.size()));
                switch (random.nextInt(10)) {
                    case 0 -> {
                        now += 60_000;
                        state = policy.expire(state, now);
                        unanswered.forEach(c -> c.outcome = NaivePlan.Outcome.FAILED);
                    }
                    case 1, 2 -> {
                        state = policy.giveBack(state, call.id, now);
                        naive.giveBack(call);
                    }
                    case 3, 4 -> {
                        state = policy.settle(state, call.id, false, now);
                        call.outcome = NaivePlan.Outcome.FAILED;
                    }
                    default -> {
                        state = policy.settle(state, call.id, true, now);
                        call.outcome = NaivePlan.Outcome.HAPPENED;
                    }
                }
            } else {
                List<Move> moves = new ArrayList<>();
                for (int n = random.nextInt(8) == 0 ? 2 : 1; n > 0; n--) {
                    moves.add(new Move(
                            OPERATIONS.substring(random.nextInt(4)).substring(0, 1),
                            new JsonObject(Map.of("resource", new JsonString("r" + random.nextInt(2)))),
                            random.nextInt(12) == 0));
                }
                NaivePlan.Answer expected = naive.ask(moves);
                String id = "d" + step;
                Verdict verdict = policy.take(state, moves, id, now);
                assertThat(answer(verdict)).as(description).isEqualTo(expected);
                seen[expected.ordinal()]++;
                if (verdict instanceof Verdict.Accepted fits) {
                    state = fits.next();
                    naive.history.add(new NaivePlan.Call(id, moves));
                    boolean takesPlaces = moves.stream().anyMatch(move -> !move.dryRun());
                    // A repetition of what the plan stands in need not be answered; the model answers it all the same.
                    repetitions += takesPlaces && !fits.awaitsOutcome() ? 1 : 0;
                    assertThat(fits.awaitsOutcome() && !takesPlaces).isFalse();
                }
            }
            byte[] written = policy.write(state);
            state = policy.read(written);
            assertThat(policy.write(state)).isEqualTo(written);
        }
        return repetitions;
    }

    private static NaivePlan.Answer answer(Verdict verdict) {
        return verdict instanceof Verdict.Refused refused
                ? refused.objection().kind() == Kind.PLAN ? NaivePlan.Answer.PLAN : NaivePlan.Answer.PENDING
                : NaivePlan.Answer.FITS;
    }

    private static List<PlanStep> steps(Random random, int depth, int sent, int same) {
        List<PlanStep> steps = new ArrayList<>();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            steps.add(step(random, depth, sent, same));
        }
        return steps;
    }

    private static PlanStep step(Random random, int depth, int sent, int same) {
        int kind = depth == 0 ? 9 : random.nextInt(8);
        return switch (kind) {
            case 0 -> new PlanStep.Any(steps(random, depth - 1, sent, same), AT);
            case 1 -> new PlanStep.All(steps(random, depth - 1, sent, same), AT);
            case 2 -> new PlanStep.Repeat(steps(random, depth - 1, sent, same), times(random), AT);
            default -> {
                int operation = random.nextInt(4);
                yield new PlanStep.Op(
                        OPERATIONS.substring(operation, operation + 1),
                        random.nextBoolean() ? Times.ONCE : times(random),
                        (sent & (1 << operation)) != 0,
                        (same & (1 << operation)) != 0 ? List.of("resource") : List.of(),
                        AT);
            }
        };
    }

    private static Times times(Random random) {
        int min = random.nextInt(3);
        return new Times(min, random.nextInt(4) == 0 ? Times.UNBOUNDED : Math.max(1, min + random.nextInt(3)));
    }
}
