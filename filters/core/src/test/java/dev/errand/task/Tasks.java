package dev.errand.task;

import dev.errand.jose.ProofClaim;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.limit.Bandwidth;
import dev.errand.limit.TokenBucket;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.sequence.Awaited;
import dev.errand.sequence.Move;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.SequenceState;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.token.TokenId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** Policies, chains and steps for tests: valid by default, changed in one place. */
public final class Tasks {
    public static final long FAR_MILLIS = 4_000_000_000_000L;
    private static final AtomicLong NUMBERS = new AtomicLong();

    private Tasks() {}

    public static String unique(String prefix) {
        return prefix + NUMBERS.incrementAndGet() + "-" + Long.toHexString(System.nanoTime());
    }

    public static Bandwidth limit(long capacity, Duration period) {
        return new Bandwidth(capacity, period, false);
    }

    public static TaskPolicy policy() {
        return new TaskPolicy(
                "release",
                "sha-256:r1",
                List.of(),
                Map.of(),
                null,
                new Counted(List.of()),
                TaskPolicy.Reactions.NEVER_INTERRUPT,
                TaskPolicy.Cut.SUBTREE,
                TaskPolicy.Flow.OFF,
                false);
    }

    /** A policy of plan and rules alone. */
    public static TaskPolicy policy(SequencePolicy sequence) {
        TaskPolicy p = policy();
        return new TaskPolicy(
                p.template(),
                p.revision(),
                p.limits(),
                p.operationLimits(),
                p.calls(),
                sequence,
                p.reactions(),
                p.cut(),
                p.flow(),
                p.observe());
    }

    public static TaskPolicy limits(TaskPolicy p, Bandwidth... limits) {
        return new TaskPolicy(
                p.template(),
                p.revision(),
                TokenBucket.compile(List.of(limits)),
                p.operationLimits(),
                p.calls(),
                p.sequence(),
                p.reactions(),
                p.cut(),
                p.flow(),
                p.observe());
    }

    public static TaskPolicy operationLimit(TaskPolicy p, String operation, Bandwidth... limits) {
        return new TaskPolicy(
                p.template(),
                p.revision(),
                p.limits(),
                Map.of(operation, TokenBucket.compile(List.of(limits))),
                p.calls(),
                p.sequence(),
                p.reactions(),
                p.cut(),
                p.flow(),
                p.observe());
    }

    public static TaskPolicy calls(TaskPolicy p, long calls) {
        return new TaskPolicy(
                p.template(),
                p.revision(),
                p.limits(),
                p.operationLimits(),
                calls,
                p.sequence(),
                p.reactions(),
                p.cut(),
                p.flow(),
                p.observe());
    }

    public static TaskPolicy plan(TaskPolicy p, String... operations) {
        return new TaskPolicy(
                p.template(),
                p.revision(),
                p.limits(),
                p.operationLimits(),
                p.calls(),
                new Counted(List.of(operations)),
                p.reactions(),
                p.cut(),
                p.flow(),
                p.observe());
    }

    public static TaskPolicy reactions(TaskPolicy p, TaskPolicy.Reactions reactions) {
        return new TaskPolicy(
                p.template(),
                p.revision(),
                p.limits(),
                p.operationLimits(),
                p.calls(),
                p.sequence(),
                reactions,
                p.cut(),
                p.flow(),
                p.observe());
    }

    public static TaskPolicy cut(TaskPolicy p, TaskPolicy.Cut cut) {
        return new TaskPolicy(
                p.template(),
                p.revision(),
                p.limits(),
                p.operationLimits(),
                p.calls(),
                p.sequence(),
                p.reactions(),
                cut,
                p.flow(),
                p.observe());
    }

    public static TaskPolicy flow(TaskPolicy p, TaskPolicy.Flow flow) {
        return new TaskPolicy(
                p.template(),
                p.revision(),
                p.limits(),
                p.operationLimits(),
                p.calls(),
                p.sequence(),
                p.reactions(),
                p.cut(),
                flow,
                p.observe());
    }

    public static TaskPolicy observing(TaskPolicy p) {
        return new TaskPolicy(
                p.template(),
                p.revision(),
                p.limits(),
                p.operationLimits(),
                p.calls(),
                p.sequence(),
                p.reactions(),
                p.cut(),
                p.flow(),
                true);
    }

    public static TokenAccount token(String id) {
        return new TokenAccount(new TokenId(id), null, null, List.of());
    }

    public static TokenAccount bounded(String id, Long calls, Long children, Bandwidth... limits) {
        return new TokenAccount(new TokenId(id), calls, children, own(limits));
    }

    /** A token's own buckets, in the places that it states them in. */
    public static List<TokenAccount.Limit> own(Bandwidth... limits) {
        return IntStream.range(0, limits.length)
                .mapToObj(place -> new TokenAccount.Limit(place, TokenBucket.compile(limits[place])))
                .toList();
    }

    public static ProofClaim proof() {
        return proof(unique("proof"));
    }

    public static ProofClaim proof(String hash) {
        return new ProofClaim(hash, 60_000, false);
    }

    public static OperationCall pair(String operation) {
        return pair(operation, Effect.READ);
    }

    public static OperationCall pair(String operation, Effect effect) {
        return new OperationCall(new Operation(operation, effect, false, false), "r", JsonObject.EMPTY, false);
    }

    public static TaskStep.Call call(List<TokenAccount> chain, String... operations) {
        List<OperationCall> pairs = new ArrayList<>();
        for (String operation : operations) {
            pairs.add(pair(operation));
        }
        return new TaskStep.Call(unique("d"), chain, proof(), pairs, true, 0);
    }

    /** A plan of single steps in their order, each happening when sent; no steps means any order. */
    public record Counted(List<String> plan) implements SequencePolicy {
        /** How far it is. */
        public record At(int index) implements SequenceState {
            @Override
            public String describe() {
                return "" + index;
            }
        }

        @Override
        public String digest() {
            return "sha-256:" + plan.hashCode();
        }

        @Override
        public SequenceState start() {
            return new At(0);
        }

        @Override
        public Judged judge(
                SequenceState state, List<Move> moves, AnswerValues answers, String decision, long nowMillis) {
            int at = ((At) state).index();
            for (Move move : moves) {
                if (move.operation().equals("pending")) {
                    return objects(state, new Objection(Objection.Kind.PENDING, null, "Wait.", List.of()));
                }
                if (move.operation().equals("forbidden")) {
                    return objects(
                            state,
                            new Objection(Objection.Kind.RULE, "t.yaml:1", "It is forbidden.", List.of("forbidden")));
                }
                if (!plan.isEmpty()) {
                    if (at >= plan.size() || !plan.get(at).equals(move.operation())) {
                        return objects(
                                state,
                                new Objection(
                                        Objection.Kind.PLAN,
                                        null,
                                        move.operation() + " is not next.",
                                        List.of("a", "b")));
                    }
                    at++;
                }
            }
            return new Judged(new At(at), List.of(), List.of(), plan.isEmpty() ? Awaited.NOTHING : Awaited.OUTCOME);
        }

        private static Judged objects(SequenceState state, Objection objection) {
            return new Judged(state, List.of(objection), List.of(), Awaited.NOTHING);
        }

        @Override
        public SequenceState settle(SequenceState state, String decision, boolean happened, long nowMillis) {
            return state;
        }

        @Override
        public SequenceState giveBack(SequenceState state, String decision, long nowMillis) {
            return plan.isEmpty() ? state : new At(((At) state).index() - 1);
        }

        @Override
        public SequenceState expire(SequenceState state, long nowMillis) {
            return state;
        }

        @Override
        public byte[] write(SequenceState state) {
            return new byte[] {(byte) ((At) state).index()};
        }

        @Override
        public SequenceState read(byte[] written) {
            return new At(written[0]);
        }
    }
}
