package dev.errand.sequence;

import static dev.errand.sequence.SequencePolicies.verdict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Position;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.sequence.SequenceCompiler.Compilation;
import dev.errand.sequence.SequencePolicies.Verdict;
import dev.errand.sequence.SequencePolicy.Settlement;
import dev.errand.sequence.rule.AnswerValues;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** 500 random plans, each walked 40 times beside {@link NaivePlan}. */
class PlanWalkTest {
    private static final String OPERATIONS = "abcd";
    private static final Position AT = new Position("t.yaml", 1, 1);

    @Test
    void take_randomPlansAndOutcomes_agreesWithNaiveSimulator() {
        int[] seen = new int[4];
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
            NaivePlan naive = new NaivePlan(plan);
            for (int walk = 0; walk < 40; walk++) {
                repetitions +=
                        walk(compiled.policy(), plan, naive.again(), random, seen, "plan " + seed + " walk " + walk);
            }
        }
        // The walks must have met every answer, or they would prove nothing.
        assertThat(seen).doesNotContain(0);
        assertThat(repetitions).isGreaterThan(1_000);
    }

    /** Walks a plan beside the model; tells how many calls fitted whose outcome need not be known. */
    private static int walk(
            SequencePolicy policy, List<PlanStep> plan, NaivePlan naive, Random random, int[] seen, String at) {
        SequenceState state = policy.start();
        long now = 1_000_000;
        int repetitions = 0;
        for (int step = 0; step < 12; step++) {
            now += random.nextInt(1_000);
            List<NaivePlan.Call> open = new ArrayList<>(naive.calls(NaivePlan.Outcome.UNANSWERED));
            open.addAll(naive.calls(NaivePlan.Outcome.UNKNOWN));
            if (!open.isEmpty() && (open.size() > 3 || random.nextInt(2) == 0)) {
                NaivePlan.Call call = open.get(random.nextInt(open.size()));
                if (random.nextInt(12) == 0) {
                    now += 60_000;
                    state = policy.expire(state, now);
                    naive.calls(NaivePlan.Outcome.UNANSWERED).forEach(each -> expire(each, plan));
                } else {
                    state = end(policy, state, naive, call, random.nextInt(8), random.nextBoolean(), now);
                }
            } else {
                List<Move> moves = new ArrayList<>();
                for (int n = random.nextInt(8) == 0 ? 2 : 1; n > 0; n--) {
                    moves.add(new Move(
                            OPERATIONS.substring(random.nextInt(4)).substring(0, 1),
                            new JsonObject(Map.of("resource", new JsonString("r" + random.nextInt(2)))),
                            random.nextInt(12) == 0,
                            name -> false,
                            Move.Kind.values()[random.nextInt(3)]));
                }
                NaivePlan.Answer expected = naive.ask(moves);
                String id = "d" + step;
                SequencePolicy.Judged judged = policy.judge(state, moves, AnswerValues.NONE, id, now);
                Verdict verdict = verdict(judged);
                assertThat(answer(verdict)).as("%s: %s", at, plan).isEqualTo(expected);
                seen[expected.ordinal()]++;
                if (verdict instanceof Verdict.Refused refused) {
                    List<String> unknown = refused.objection().unknown();
                    assertThat(unknown.isEmpty()).isEqualTo(expected != NaivePlan.Answer.UNKNOWN);
                    assertThat(naive.calls(NaivePlan.Outcome.UNKNOWN))
                            .extracting(call -> call.id)
                            .containsAll(unknown);
                }
                // People may let a call pass that fits for some unknown outcomes: it takes its place for these.
                boolean approved = expected == NaivePlan.Answer.UNKNOWN && random.nextBoolean();
                naive.approved |= approved;
                if (verdict instanceof Verdict.Accepted || approved) {
                    state = judged.next();
                    NaivePlan.Call call = new NaivePlan.Call(id, moves);
                    naive.history.add(call);
                    boolean takesPlaces = moves.stream().anyMatch(move -> !move.dryRun());
                    boolean awaits = judged.awaited().outcome();
                    // A repetition of what the plan stands in need not be answered; the model answers it all the same.
                    repetitions += takesPlaces && !awaits ? 1 : 0;
                    assertThat(awaits && !takesPlaces).isFalse();
                    assertThat(judged.awaited().sending() && (call.sent || !naive.countsSending(call)))
                            .as("%s: %s", at, plan)
                            .isFalse();
                }
            }
            byte[] written = policy.write(state);
            state = policy.read(written);
            assertThat(Arrays.equals(policy.write(state), written)).isTrue();
        }
        return repetitions;
    }

    /** The route's response timeout is over. */
    private static void expire(NaivePlan.Call call, List<PlanStep> plan) {
        boolean maySend =
                !call.sent && call.moves.stream().anyMatch(move -> !move.dryRun() && maySend(plan, move.operation()));
        call.outcome = call.changes() || maySend ? NaivePlan.Outcome.UNKNOWN : NaivePlan.Outcome.FAILED;
    }

    private static boolean maySend(List<PlanStep> steps, String operation) {
        return steps.stream().anyMatch(step -> {
            if (step instanceof PlanStep.Op op) {
                return op.outcomeSent() && op.operation().equals(operation);
            }
            return maySend(
                    step instanceof PlanStep.Any any
                            ? any.steps()
                            : step instanceof PlanStep.All all ? all.steps() : ((PlanStep.Repeat) step).steps(),
                    operation);
        });
    }

    /** Something becomes known of a call that is in flight or unknown. */
    private static SequenceState end(
            SequencePolicy policy,
            SequenceState state,
            NaivePlan naive,
            NaivePlan.Call call,
            int how,
            boolean flag,
            long now) {
        boolean unknown = call.outcome == NaivePlan.Outcome.UNKNOWN;
        switch (how) {
            case 0 -> {
                // A gateway that was held up may give back what another replica took for lost.
                if ((unknown && call.sent) || naive.approved) {
                    return state;
                }
                naive.giveBack(call);
                return policy.giveBack(policy.giveBack(state, call.id, now), call.id, now);
            }
            case 1 -> {
                call.sent = true;
                return policy.sent(state, call.id);
            }
            case 2, 3, 4 -> {
                if (unknown) {
                    Settlement.Verdict verdict =
                            policy.know(state, call.id, flag, now).verdict();
                    // What the plan forgot must make no difference; the model never forgets.
                    assertThat(verdict).isIn(Settlement.Verdict.SETTLED, Settlement.Verdict.NO_SUCH);
                    call.outcome = flag ? NaivePlan.Outcome.HAPPENED : NaivePlan.Outcome.FAILED;
                    SequenceState told = policy.know(state, call.id, flag, now).next();
                    if (verdict == Settlement.Verdict.SETTLED) {
                        assertThat(policy.know(told, call.id, flag, now))
                                .isEqualTo(new Settlement(told, Settlement.Verdict.REPEATED));
                        assertThat(policy.know(told, call.id, !flag, now).verdict())
                                .isEqualTo(Settlement.Verdict.CONFLICT);
                    }
                    return told;
                }
                call.sent |= flag;
                call.outcome = call.changes() ? NaivePlan.Outcome.UNKNOWN : NaivePlan.Outcome.FAILED;
                return policy.unanswered(state, call.id, flag, now);
            }
            default -> {
                call.outcome = flag ? NaivePlan.Outcome.HAPPENED : NaivePlan.Outcome.FAILED;
                call.sent = true;
                return policy.settle(state, call.id, flag, now);
            }
        }
    }

    private static NaivePlan.Answer answer(Verdict verdict) {
        return verdict instanceof Verdict.Refused refused
                ? switch (refused.objection().kind()) {
                    case PLAN -> NaivePlan.Answer.PLAN;
                    case PENDING -> NaivePlan.Answer.PENDING;
                    case UNKNOWN -> NaivePlan.Answer.UNKNOWN;
                    default -> throw new AssertionError(refused);
                }
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
