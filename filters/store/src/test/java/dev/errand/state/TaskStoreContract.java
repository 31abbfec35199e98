package dev.errand.state;

import static dev.errand.task.Tasks.bounded;
import static dev.errand.task.Tasks.call;
import static dev.errand.task.Tasks.limit;
import static dev.errand.task.Tasks.policy;
import static dev.errand.task.Tasks.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.denial.DenyReason;
import dev.errand.jose.ProofClaim;
import dev.errand.operation.OperationCall;
import dev.errand.task.SessionId;
import dev.errand.task.Task;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskOutcome.Denied;
import dev.errand.task.TaskOutcome.Done;
import dev.errand.task.TaskOutcome.Ended;
import dev.errand.task.TaskOutcome.Permitted;
import dev.errand.task.TaskOutcome.Replayed;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskPolicy.Reaction;
import dev.errand.task.TaskPolicy.Reactions;
import dev.errand.task.TaskPolicy.Repeated;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import dev.errand.task.step.StepBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** What every store must do; each of three instances stands for one replica. */
public abstract class TaskStoreContract {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final TokenAccount ROOT = token("root");
    private final TaskKey key = new TaskKey(Tasks.unique("t-"));

    /** Three replicas on one state. */
    protected abstract List<? extends TaskStore> replicas();

    protected int histories() {
        return Integer.getInteger("errand.histories", 1000);
    }

    private TaskOutcome apply(int replica, TaskPolicy policy, TaskStep step) {
        return replicas().get(replica % 3).apply(key, policy, step).block(Duration.ofSeconds(10));
    }

    private void start(TaskPolicy policy) {
        assertThat(apply(0, policy, new TaskStep.Start(ROOT.id(), Tasks.FAR_MILLIS)))
                .isInstanceOf(Done.class);
    }

    private List<TaskOutcome> race(TaskPolicy policy, List<? extends TaskStep> steps) {
        return Flux.range(0, steps.size())
                .flatMap(i -> replicas().get(i % 3).apply(key, policy, steps.get(i)), 64)
                .collectList()
                .block(Duration.ofSeconds(20));
    }

    private static long permits(List<TaskOutcome> outcomes) {
        return outcomes.stream().filter(Permitted.class::isInstance).count();
    }

    @Test
    void apply_64CallersOn3Replicas_getExactlyTheCapacity() {
        TaskPolicy policy = Tasks.limits(policy(), limit(50, HOUR));
        start(policy);
        List<TaskStep> calls = new ArrayList<>();
        for (int i = 0; i < 192; i++) {
            calls.add(call(List.of(ROOT), "x"));
        }
        assertThat(permits(race(policy, calls))).isEqualTo(50);
    }

    @Test
    void apply_siblingsOnAllReplicas_neverExceedTheirParent() {
        TaskPolicy policy = policy();
        start(policy);
        TokenAccount parent = bounded("p", 20L, 3L);
        List<TaskStep> calls = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            calls.add(call(List.of(ROOT, parent, token("c" + i % 6)), "x"));
        }
        assertThat(permits(race(policy, calls))).isEqualTo(20);
        int callers = 0;
        TokenAccount wider = bounded("p", 1000L, 3L);
        for (int i = 0; i < 6; i++) {
            callers += apply(i, policy, call(List.of(ROOT, wider, token("c" + i)), "x")) instanceof Permitted ? 1 : 0;
        }
        assertThat(callers).isEqualTo(3);
    }

    @Test
    void apply_planOf3_passesExactly3() {
        TaskPolicy policy = Tasks.plan(policy(), "x", "x", "x");
        start(policy);
        List<TaskStep> calls = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            calls.add(call(List.of(ROOT), "x"));
        }
        assertThat(permits(race(policy, calls))).isEqualTo(3);
    }

    @Test
    void apply_sameProofOnAllReplicas_isUsedOnce() {
        TaskPolicy policy = policy();
        start(policy);
        ProofClaim proof = Tasks.proof();
        List<TaskStep> calls = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            calls.add(new TaskStep.Call(Tasks.unique("d"), List.of(ROOT), proof, List.of(Tasks.pair("x")), true, 0));
        }
        List<TaskOutcome> outcomes = race(policy, calls);
        assertThat(permits(outcomes)).isEqualTo(1);
        assertThat(outcomes.stream().filter(Replayed.class::isInstance)).hasSize(29);
    }

    @Test
    void apply_deniedCall_usesUpADpopProofButNotAnAatProof() {
        TaskPolicy policy = policy();
        start(policy);
        for (boolean onlyWhenPermitted : new boolean[] {false, true}) {
            ProofClaim proof = new ProofClaim(Tasks.unique("p"), 60_000, onlyWhenPermitted);
            assertThat(apply(
                            0,
                            policy,
                            new TaskStep.Call("d", List.of(ROOT), proof, List.of(Tasks.pair("forbidden")), true, 0)))
                    .isInstanceOf(Denied.class);
            TaskStep.Call good = new TaskStep.Call("d", List.of(ROOT), proof, List.of(Tasks.pair("x")), true, 0);
            assertThat(apply(1, policy, good)).isInstanceOf(onlyWhenPermitted ? Permitted.class : Replayed.class);
            assertThat(apply(2, policy, good)).isInstanceOf(Replayed.class);
        }
    }

    @Test
    void apply_repeatedDenials_interruptOnAllReplicas() throws InterruptedException {
        TaskPolicy policy = Tasks.reactions(
                policy(),
                new Reactions(Reaction.DENY, Reaction.DENY, Reaction.THROTTLE, Reaction.DENY, new Repeated(5, 60_000)));
        start(policy);
        List<TaskKey> heard = new CopyOnWriteArrayList<>();
        Disposable listening = replicas().get(2).endings().subscribe(heard::add);
        for (int i = 0; i < 5; i++) {
            Denied denied = (Denied) apply(
                    i,
                    policy,
                    new TaskStep.Refuse(
                            "d" + i,
                            List.of(ROOT),
                            Tasks.proof(),
                            DenyReason.NOT_GRANTED,
                            List.of(Tasks.pair("op" + i)),
                            0,
                            0));
            assertThat(denied.interruption() != null).isEqualTo(i == 4);
        }
        for (int i = 0; i < 3; i++) {
            assertThat(((Ended) apply(i, policy, call(List.of(ROOT), "x"))).state())
                    .isEqualTo(TaskState.INTERRUPTED);
        }
        long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (!heard.contains(key) && System.nanoTime() < end) {
            Thread.sleep(5);
        }
        assertThat(heard).contains(key);
        listening.dispose();
    }

    private static TaskPolicy threeDenialsInterrupt(Reaction order) {
        return Tasks.reactions(
                policy(), new Reactions(order, order, Reaction.THROTTLE, Reaction.DENY, new Repeated(3, 60_000)));
    }

    private static ProofClaim aatProof() {
        return new ProofClaim(Tasks.unique("aat"), 60_000, true);
    }

    private static TaskStep.Call forbidden(ProofClaim proof) {
        // With another operation each time, so that each counts.
        List<OperationCall> pairs = List.of(Tasks.pair("forbidden"), Tasks.pair(Tasks.unique("op")));
        return new TaskStep.Call(Tasks.unique("d"), List.of(ROOT), proof, pairs, true, 0);
    }

    private static String interruption(TaskOutcome outcome) {
        return ((Denied) outcome).interruption();
    }

    @Test
    void apply_oneAatProofDeniedOnAllReplicas_countsOnce() {
        TaskPolicy policy = threeDenialsInterrupt(Reaction.DENY);
        start(policy);
        ProofClaim caught = aatProof();
        List<TaskStep> repeated = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            repeated.add(
                    i % 2 == 0
                            ? forbidden(caught)
                            : new TaskStep.Refuse(
                                    Tasks.unique("d"), List.of(ROOT), caught, DenyReason.NOT_GRANTED, List.of(), 0, 0));
        }
        assertThat(race(policy, repeated))
                .allSatisfy(outcome -> assertThat(interruption(outcome)).isNull());
        for (int i = 0; i < 6; i++) {
            assertThat(interruption(apply(i, policy, forbidden(caught)))).isNull();
        }
        // The one that counted, and two of the holder's own.
        assertThat(interruption(apply(0, policy, forbidden(aatProof())))).isNull();
        assertThat(interruption(apply(1, policy, forbidden(aatProof())))).isNotNull();
    }

    @Test
    void apply_aatProofDeniedBefore_leadsToNoReactionAndMayStillBePermitted() {
        TaskPolicy policy = threeDenialsInterrupt(Reaction.INTERRUPT);
        start(policy);
        ProofClaim denied = aatProof();
        TaskStep refused = new TaskStep.Refuse("d", List.of(ROOT), denied, DenyReason.NOT_GRANTED, List.of(), 0, 0);
        Denied first = (Denied) apply(0, policy, refused);
        assertThat(first.interruption()).isNull();
        assertThat(first.again()).isFalse();
        Denied second = (Denied) apply(1, policy, forbidden(denied));
        assertThat(second.interruption()).isNull();
        assertThat(second.again()).as("another replica counted the first").isTrue();
        assertThat(((Denied) apply(2, policy, refused)).again()).isTrue();
        assertThat(repeated(0, policy, denied)).as("it may still be permitted").isNull();
        TaskStep.Call good = new TaskStep.Call("g", List.of(ROOT), denied, List.of(Tasks.pair("x")), true, 0);
        assertThat(apply(2, policy, good)).isInstanceOf(Permitted.class);
        assertThat(apply(0, policy, good)).isInstanceOf(Replayed.class);
        assertThat(apply(1, policy, forbidden(denied))).isInstanceOf(Replayed.class);
        assertThat(interruption(apply(2, policy, forbidden(aatProof())))).isNotNull();
    }

    private @Nullable TaskOutcome repeated(int replica, TaskPolicy policy, ProofClaim proof) {
        return replicas().get(replica).repeated(key, policy, List.of(ROOT), proof);
    }

    @Test
    void repeated_ofAUsedProof_isKnownWithoutAStep_untilItsTaskIsOver() {
        TaskPolicy policy = policy();
        start(policy);
        ProofClaim proof = Tasks.proof();
        assertThat(repeated(0, policy, proof)).isNull();
        TaskStep.Call good = new TaskStep.Call("g", List.of(ROOT), proof, List.of(Tasks.pair("x")), true, 0);
        assertThat(apply(0, policy, good)).isInstanceOf(Permitted.class);
        TaskOutcome known = repeated(0, policy, proof);
        for (int i = 0; known == null && i < 20; i++) {
            // The end of another test's task was announced meanwhile, so the store is asked once more.
            assertThat(apply(0, policy, good)).isEqualTo(new Replayed());
            known = repeated(0, policy, proof);
        }
        assertThat(known).isEqualTo(new Replayed());
        assertThat(repeated(0, policy, Tasks.proof())).isNull();
        assertThat(repeated(0, policy, ProofClaim.NONE)).isNull();
        assertThat(replicas().get(0).repeated(new TaskKey(Tasks.unique("t-")), policy, List.of(ROOT), proof))
                .isNull();
        apply(0, policy, new TaskStep.Interrupt("why"));
        TaskOutcome over = repeated(0, policy, proof);
        if (over != null) {
            assertThat(((Replayed) over).over().state()).isEqualTo(TaskState.INTERRUPTED);
        }
    }

    @Test
    void apply_aatProofSentElsewhereFirst_countsWhereItIsFor() {
        TaskPolicy policy = threeDenialsInterrupt(Reaction.INTERRUPT);
        start(policy);
        ProofClaim proof = aatProof();
        TaskStep elsewhere = new TaskStep.Refuse("d", List.of(ROOT), proof, DenyReason.INVALID_PROOF, List.of(), 0, 0);
        assertThat(interruption(apply(0, policy, elsewhere))).isNull();
        assertThat(interruption(apply(1, policy, forbidden(proof)))).isNotNull();
    }

    @Test
    void apply_giveBackOnAllReplicas_isDoneOnce() {
        TaskPolicy policy = Tasks.calls(policy(), 2);
        start(policy);
        TaskStep.Call call = call(List.of(ROOT), "x");
        apply(0, policy, call);
        apply(0, policy, call(List.of(ROOT), "x"));
        List<TaskStep> back = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            back.add(new TaskStep.GiveBack(call.decision(), call.chain(), 1));
        }
        race(policy, back);
        assertThat(apply(1, policy, call(List.of(ROOT), "x"))).isInstanceOf(Permitted.class);
        assertThat(apply(2, policy, call(List.of(ROOT), "x"))).isInstanceOf(Denied.class);
    }

    @Test
    void apply_unknownTask_isEnded() {
        assertThat(apply(0, policy(), call(List.of(ROOT), "x"))).isEqualTo(new Ended(TaskState.EXPIRED, null));
        assertThat(((Done) apply(1, policy(), new TaskStep.Look())).state()).isEqualTo(TaskState.EXPIRED);
    }

    @Test
    void apply_randomHistoriesOver3Replicas_equalASequentialModel() {
        for (int seed = 0; seed < histories(); seed++) {
            RandomGenerator random =
                    RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
            TaskPolicy policy = Tasks.calls(
                    Tasks.operationLimit(
                            Tasks.limits(policy(), limit(1 + random.nextInt(12), HOUR.multipliedBy(1000))),
                            "x",
                            limit(1 + random.nextInt(8), HOUR.multipliedBy(1000))),
                    1 + random.nextInt(15));
            if (random.nextBoolean()) {
                policy = Tasks.reactions(
                        policy,
                        new Reactions(
                                Reaction.DENY,
                                Reaction.INTERRUPT,
                                Reaction.THROTTLE,
                                Reaction.DENY,
                                new Repeated(4, HOUR.toMillis())));
            }
            TaskKey task = new TaskKey(Tasks.unique("h-"));
            Task model = null;
            List<String> seen = new ArrayList<>();
            List<@Nullable ProofClaim> presented = new ArrayList<>();
            List<TaskStep.Call> made = new ArrayList<>();
            int length = 4 + random.nextInt(12);
            for (int i = 0; i < length; i++) {
                TaskStep step = i == 0 ? new TaskStep.Start(ROOT.id(), Tasks.FAR_MILLIS) : randomStep(random, made);
                TaskOutcome expected;
                ProofClaim proof = StepBatch.presented(step);
                StepBatch.Applied applied = StepBatch.apply(policy, model, List.of(step), System.currentTimeMillis());
                expected = applied.outcomes().get(0);
                if (proof != null && seen.contains(proof.hash()) && !(expected instanceof Ended)) {
                    expected = new Replayed();
                } else {
                    model = applied.next();
                    if (StepBatch.claimed(step, expected) != null) {
                        seen.add(proof.hash());
                    }
                }
                TaskOutcome actual = replicas()
                        .get(random.nextInt(3))
                        .apply(task, policy, step)
                        .block(Duration.ofSeconds(10));
                if (actual instanceof Replayed repeated && expected instanceof Ended && presented.contains(proof)) {
                    // A replica that saw the proof need not ask, and may not have heard of the ending yet.
                    assertThat(repeated.over()).isIn(null, expected);
                    continue;
                }
                presented.add(proof);
                assertThat(timeless(actual))
                        .as("seed %d, step %d: %s", seed, i, step)
                        .isEqualTo(timeless(expected));
            }
        }
    }

    /** More tokens than stand in a record itself: their calls, ends and sessions, on all replicas. */
    @Test
    void apply_manyChildrenOver3Replicas_equalASequentialModel() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(11);
        TaskPolicy policy = Tasks.calls(policy(), 400);
        Task model = null;
        List<TaskStep.Call> made = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            TokenAccount parent = bounded("p" + random.nextInt(60), 12L, 3L);
            List<TokenAccount> chain = random.nextBoolean()
                    ? List.of(ROOT, parent)
                    : List.of(ROOT, parent, token(parent.id().hash() + "c" + random.nextInt(4)));
            TaskStep step;
            if (i == 0) {
                step = new TaskStep.Start(ROOT.id(), Tasks.FAR_MILLIS);
            } else if (random.nextInt(8) == 0) {
                step = new TaskStep.Revoke(chain.get(chain.size() - 1).id());
            } else if (random.nextInt(8) == 0 && !made.isEmpty()) {
                TaskStep.Call call = made.get(random.nextInt(made.size()));
                step = new TaskStep.GiveBack(call.decision(), call.chain(), 1);
            } else if (random.nextInt(8) == 0) {
                step = new TaskStep.Look(chain.stream().map(TokenAccount::id).toList());
            } else if (random.nextInt(8) == 0) {
                SessionId session = SessionId.of("tools", "s" + i);
                step = new TaskStep.ReceiveSession(
                        chain.stream().map(TokenAccount::id).toList(), session, false);
            } else {
                step = call(chain, "x");
            }
            StepBatch.Applied applied = StepBatch.apply(policy, model, List.of(step), System.currentTimeMillis());
            model = applied.next();
            if (step instanceof TaskStep.Call call && applied.outcomes().get(0) instanceof Permitted) {
                made.add(call);
            }
            TaskOutcome actual = apply(random.nextInt(3), policy, step);
            assertThat(timeless(actual))
                    .as("step %d: %s", i, step)
                    .isEqualTo(timeless(applied.outcomes().get(0)));
        }
        assertThat(made.size()).isGreaterThan(100);
    }

    private static TaskStep randomStep(RandomGenerator random, List<TaskStep.Call> made) {
        TokenAccount child =
                bounded("c" + random.nextInt(3), 2L + random.nextInt(4), 2L, limit(6, HOUR.multipliedBy(1000)));
        TokenAccount root = bounded("root", 12L, 2L);
        List<TokenAccount> chain = switch (random.nextInt(3)) {
            case 0 -> List.of(root);
            case 1 -> List.of(root, child);
            default -> List.of(root, child, token(child.id().hash() + "g" + random.nextInt(3)));
        };
        switch (random.nextInt(12)) {
            case 0:
                return new TaskStep.Refuse(
                        Tasks.unique("d"), chain, Tasks.proof(), DenyReason.NOT_GRANTED, List.of(), 0, 0);
            case 1:
                return new TaskStep.Revoke(chain.get(chain.size() - 1).id());
            case 2:
                if (!made.isEmpty()) {
                    TaskStep.Call call = made.get(random.nextInt(made.size()));
                    return new TaskStep.GiveBack(
                            call.decision(), call.chain(), call.calls().size());
                }
                return new TaskStep.Look();
            case 3:
                if (!made.isEmpty()) {
                    return made.get(random.nextInt(made.size()));
                }
                return new TaskStep.Look();
            case 4:
                return call(chain, "forbidden");
            default:
                TaskStep.Call call = random.nextBoolean() ? call(chain, "x") : call(chain, "x", "y");
                made.add(call);
                return call;
        }
    }

    /** An outcome without what depends on the very millisecond it was decided in. */
    private static String timeless(TaskOutcome outcome) {
        if (outcome instanceof Denied denied) {
            return denied.denial() == null
                    ? "Refused " + denied.interruption()
                    : "Denied " + denied.denial().reason() + " " + denied.progress();
        }
        return outcome.toString();
    }
}
