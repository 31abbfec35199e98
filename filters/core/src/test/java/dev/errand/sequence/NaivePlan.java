package dev.errand.sequence;

import dev.errand.json.JsonValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A plan by its written steps: what is left of it after a call is again a list of steps. Calls are kept as a whole
 * history, and every question tries all outcomes of the unanswered ones.
 */
final class NaivePlan {
    enum Answer {
        FITS,
        PENDING,
        UNKNOWN,
        PLAN
    }

    enum Outcome {
        UNANSWERED,
        HAPPENED,
        FAILED,
        UNKNOWN
    }

    /** What one call may have come to. */
    enum End {
        NOT_SENT,
        SENT,
        HAPPENED
    }

    static final class Call {
        final String id;
        final List<Move> moves;
        Outcome outcome = Outcome.UNANSWERED;
        /** Whether the whole request was handed to the connection. */
        boolean sent;

        Call(String id, List<Move> moves) {
            this.id = id;
            this.moves = moves;
            this.sent = moves.stream().anyMatch(move -> move.kind() == Move.Kind.CONNECTS && !move.dryRun());
        }

        boolean changes() {
            return moves.stream().anyMatch(move -> move.kind() != Move.Kind.READS && !move.dryRun());
        }

        List<End> ends() {
            return switch (outcome) {
                case HAPPENED -> List.of(End.HAPPENED);
                case FAILED -> List.of(sent ? End.SENT : End.NOT_SENT);
                default -> sent ? List.of(End.SENT, End.HAPPENED) : List.of(End.values());
            };
        }
    }

    record Taken(List<PlanStep> rest, PlanStep.Op step) {}

    record Standing(Set<List<PlanStep>> left, Map<String, JsonValue> bound) {}

    final List<Call> history = new ArrayList<>();
    /** Whether people let a call pass that fits only for some outcomes. */
    boolean approved;

    private final List<PlanStep> plan;
    /** One list for all that are equal, so that they are compared by identity. */
    private final Map<List<PlanStep>, List<PlanStep>> same;

    private final Map<List<PlanStep>, Map<String, List<Taken>>> memo;

    NaivePlan(List<PlanStep> plan) {
        this(plan, new HashMap<>(Map.of(plan, plan)), new IdentityHashMap<>());
    }

    private NaivePlan(
            List<PlanStep> plan,
            Map<List<PlanStep>, List<PlanStep>> same,
            Map<List<PlanStep>, Map<String, List<Taken>>> memo) {
        this.plan = plan;
        this.same = same;
        this.memo = memo;
    }

    /** The plan before its first call. */
    NaivePlan again() {
        return new NaivePlan(plan, same, memo);
    }

    /** Tries every end of every call in flight, and below it every end of every call whose outcome is unknown. */
    Answer ask(List<Move> moves) {
        boolean some = false;
        boolean every = true;
        boolean mayHelp = false;
        for (Map<Call, End> inFlight : ends(calls(Outcome.UNANSWERED))) {
            boolean always = true;
            for (Map<Call, End> unknown : ends(calls(Outcome.UNKNOWN))) {
                Map<Call, End> all = new HashMap<>(inFlight);
                all.putAll(unknown);
                boolean fits = call(run(history, all, false), moves) != null;
                some |= fits;
                every &= fits;
                always &= fits;
            }
            mayHelp |= always;
        }
        if (every || !some) {
            return every ? Answer.FITS : Answer.PLAN;
        }
        return mayHelp ? Answer.PENDING : Answer.UNKNOWN;
    }

    /** Whether for some ends of the calls before, the call's being sent moves the plan. */
    boolean countsSending(Call call) {
        List<Call> open = new ArrayList<>(calls(Outcome.UNANSWERED));
        open.addAll(calls(Outcome.UNKNOWN));
        open.remove(call);
        List<Call> before = history.subList(0, history.indexOf(call));
        for (Map<Call, End> ends : ends(open)) {
            Standing at = run(before, ends, false);
            Standing after = at;
            for (Move move : call.moves) {
                Standing next = move.dryRun() ? null : one(after, move, true);
                after = next == null ? after : next;
            }
            if (!after.equals(at)) {
                return true;
            }
        }
        return false;
    }

    private static List<Map<Call, End>> ends(List<Call> calls) {
        List<Map<Call, End>> all = new ArrayList<>(List.of(Map.of()));
        for (Call call : calls) {
            List<Map<Call, End>> more = new ArrayList<>();
            for (Map<Call, End> each : all) {
                for (End end : call.ends()) {
                    Map<Call, End> next = new HashMap<>(each);
                    next.put(call, end);
                    more.add(next);
                }
            }
            all = more;
        }
        return all;
    }

    /** A call of which no byte was sent: it was never there, unless others rest on its having been sent. */
    void giveBack(Call call) {
        List<Call> without = new ArrayList<>(history);
        without.remove(call);
        List<Call> open = new ArrayList<>(calls(Outcome.UNANSWERED));
        open.addAll(calls(Outcome.UNKNOWN));
        open.remove(call);
        for (Map<Call, End> ends : ends(open)) {
            if (run(without, ends, true) == null) {
                call.outcome = Outcome.FAILED;
                call.sent = true;
                return;
            }
        }
        history.remove(call);
    }

    List<Call> calls(Outcome outcome) {
        return history.stream().filter(call -> call.outcome == outcome).toList();
    }

    private Standing run(List<Call> calls, Map<Call, End> open, boolean strict) {
        Set<List<PlanStep>> left = Collections.newSetFromMap(new IdentityHashMap<>());
        left.add(plan);
        Standing at = new Standing(left, Map.of());
        for (Call call : calls) {
            End end = open.getOrDefault(call, call.ends().get(0));
            for (Move move : call.moves) {
                if (move.dryRun() || end == End.NOT_SENT) {
                    continue;
                }
                boolean happened = end == End.HAPPENED;
                Standing next = one(at, move, !happened);
                if (next == null && happened && strict) {
                    return null;
                }
                at = next == null ? at : next;
            }
        }
        return at;
    }

    private Standing call(Standing from, List<Move> moves) {
        Standing at = from;
        for (Move move : moves) {
            Standing next = one(at, move, false);
            if (next == null) {
                return null;
            }
            at = move.dryRun() ? at : next;
        }
        return at;
    }

    private Standing one(Standing at, Move move, boolean onlySent) {
        Set<List<PlanStep>> left = Collections.newSetFromMap(new IdentityHashMap<>());
        Map<String, JsonValue> bound = new HashMap<>(at.bound);
        for (List<PlanStep> steps : at.left) {
            for (Taken taken : derive(steps, move.operation())) {
                if (onlySent && !taken.step.outcomeSent()) {
                    continue;
                }
                boolean agrees = true;
                for (String name : taken.step.same()) {
                    JsonValue value = move.arguments().get(name);
                    agrees &=
                            value != null && at.bound.getOrDefault(name, value).equals(value);
                    bound.put(name, value);
                }
                if (agrees) {
                    left.add(taken.rest);
                }
            }
        }
        return left.isEmpty() ? null : new Standing(left, bound);
    }

    private List<Taken> derive(List<PlanStep> steps, String operation) {
        Map<String, List<Taken>> known = memo.computeIfAbsent(steps, s -> new HashMap<>());
        List<Taken> answer = known.get(operation);
        if (answer == null) {
            answer = deriveList(steps, operation).stream()
                    .map(taken -> new Taken(same.computeIfAbsent(taken.rest, rest -> rest), taken.step))
                    .toList();
            known.put(operation, answer);
        }
        return answer;
    }

    private static List<Taken> deriveList(List<PlanStep> steps, String operation) {
        List<Taken> taken = new ArrayList<>();
        if (steps.isEmpty()) {
            return taken;
        }
        List<PlanStep> tail = steps.subList(1, steps.size());
        deriveStep(steps.get(0), operation).forEach(t -> taken.add(new Taken(join(t.rest, tail), t.step)));
        if (nullable(steps.get(0))) {
            taken.addAll(deriveList(tail, operation));
        }
        return taken;
    }

    private static List<Taken> deriveStep(PlanStep step, String operation) {
        List<Taken> taken = new ArrayList<>();
        if (step instanceof PlanStep.Op op) {
            if (op.operation().equals(operation)) {
                List<PlanStep> rest = op.times().max() == 1
                        ? List.of()
                        : List.of(new PlanStep.Op(
                                operation, fewer(op.times()), op.outcomeSent(), op.same(), op.position()));
                taken.add(new Taken(rest, op));
            }
        } else if (step instanceof PlanStep.Any any) {
            any.steps().forEach(s -> taken.addAll(deriveStep(s, operation)));
        } else if (step instanceof PlanStep.All all) {
            for (int i = 0; i < all.steps().size(); i++) {
                List<PlanStep> others = new ArrayList<>(all.steps());
                PlanStep one = others.remove(i);
                List<PlanStep> rest = others.isEmpty() ? List.of() : List.of(new PlanStep.All(others, all.position()));
                deriveStep(one, operation).forEach(t -> taken.add(new Taken(join(t.rest, rest), t.step)));
            }
        } else if (step instanceof PlanStep.Repeat repeat) {
            List<PlanStep> rest = repeat.times().max() == 1
                    ? List.of()
                    : List.of(new PlanStep.Repeat(repeat.steps(), fewer(repeat.times()), repeat.position()));
            deriveList(repeat.steps(), operation).forEach(t -> taken.add(new Taken(join(t.rest, rest), t.step)));
        }
        return taken;
    }

    private static boolean nullable(PlanStep step) {
        if (step instanceof PlanStep.Op op) {
            return op.times().min() == 0;
        } else if (step instanceof PlanStep.Any any) {
            return any.steps().stream().anyMatch(NaivePlan::nullable);
        } else if (step instanceof PlanStep.All all) {
            return all.steps().stream().allMatch(NaivePlan::nullable);
        }
        PlanStep.Repeat repeat = (PlanStep.Repeat) step;
        return repeat.times().min() == 0 || repeat.steps().stream().allMatch(NaivePlan::nullable);
    }

    private static Times fewer(Times times) {
        return new Times(Math.max(0, times.min() - 1), times.unbounded() ? Times.UNBOUNDED : times.max() - 1);
    }

    private static List<PlanStep> join(List<PlanStep> one, List<PlanStep> other) {
        List<PlanStep> joined = new ArrayList<>(one);
        joined.addAll(other);
        return List.copyOf(joined);
    }
}
