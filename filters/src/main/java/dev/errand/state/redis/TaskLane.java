package dev.errand.state.redis;

import dev.errand.loop.EndOfTurn;
import dev.errand.state.StateListener;
import dev.errand.state.StoreUnavailableException;
import dev.errand.task.ProofClaim;
import dev.errand.task.Task;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The steps of one task on this replica: one script in flight, the steps that wait meanwhile are the next batch, at
 * most {@value #MAX_BATCH}, applied in their order. It remembers the value it wrote last, which saves the reading as
 * long as no other replica writes. Thread-safe, never blocking.
 */
final class TaskLane {
    static final int MAX_BATCH = 64;
    private static final int MAX_CONFLICTS = 256;

    private final TaskKey key;
    private final byte[] record;
    private final RedisLink link;
    private final StoreClock clock;
    private final StateListener listener;
    private final Consumer<TaskKey> onEnding;
    private final Deque<Waiting> queue = new ArrayDeque<>();
    private boolean busy;
    private volatile @Nullable Remembered remembered;

    TaskLane(TaskKey key, RedisLink link, StoreClock clock, StateListener listener, Consumer<TaskKey> onEnding) {
        this.key = key;
        this.record = ("{" + key.value() + "}").getBytes(StandardCharsets.US_ASCII);
        this.link = link;
        this.clock = clock;
        this.listener = listener;
        this.onEnding = onEnding;
    }

    /** One step on its way; cancelled when its caller no longer waits. */
    static final class Waiting extends CompletableFuture<TaskOutcome> {
        private final TaskPolicy policy;
        private final TaskStep step;
        private final EndOfTurn turn;

        /** @param turn of the event loop that submits it */
        Waiting(TaskPolicy policy, TaskStep step, EndOfTurn turn) {
            this.policy = policy;
            this.step = step;
            this.turn = turn;
        }
    }

    private record Remembered(byte[] tag, @Nullable Task task, TaskPolicy policy) {}

    void submit(Waiting waiting) {
        synchronized (queue) {
            queue.add(waiting);
            if (busy) {
                return;
            }
            busy = true;
        }
        next();
    }

    void forget() {
        remembered = null;
    }

    private void next() {
        List<Waiting> batch = new ArrayList<>();
        synchronized (queue) {
            while (batch.size() < MAX_BATCH) {
                Waiting head = queue.peek();
                if (head == null || (!batch.isEmpty() && batch.get(0).policy != head.policy)) {
                    break;
                }
                queue.remove();
                if (!head.isDone()) {
                    batch.add(head);
                }
            }
            if (batch.isEmpty()) {
                busy = false;
                return;
            }
        }
        attempt(new Batch(batch));
    }

    /** A batch under way. */
    private static final class Batch {
        private final TaskPolicy policy;
        private final EndOfTurn turn;
        private List<Waiting> steps;
        /** Proofs of these steps whose denial the store says was counted before. */
        private Set<String> counted = Set.of();

        private final long startedNanos = System.nanoTime();
        private int scripts;

        private Batch(List<Waiting> steps) {
            this.steps = steps;
            this.policy = steps.get(0).policy;
            this.turn = steps.get(0).turn;
        }
    }

    private void attempt(Batch batch) {
        batch.steps.removeIf(Waiting::isDone);
        if (batch.steps.isEmpty()) {
            next();
            return;
        }
        if (batch.scripts > MAX_CONFLICTS) {
            fail(batch, new StoreUnavailableException("the task changes faster than it can be decided"));
            return;
        }
        try {
            Remembered last = remembered;
            if (last == null && clock.isKnown() && batch.steps.get(0).step instanceof TaskStep.Start) {
                last = new Remembered(StepScript.ABSENT, null, batch.policy);
            }
            if (last == null || !clock.isKnown()) {
                send(batch, new StepScript.Run(StepScript.UNKNOWN, new byte[0], 0, new byte[0], List.of()), null);
            } else {
                judge(batch, last);
            }
        } catch (RuntimeException bug) {
            fail(batch, bug);
        }
    }

    private void judge(Batch batch, Remembered last) {
        Task current = last.task();
        if (current != null) {
            current = current.rebind(last.policy(), batch.policy);
        }
        List<TaskStep> steps = new ArrayList<>(batch.steps.size());
        batch.steps.forEach(waiting -> steps.add(waiting.step));
        Task.Applied applied = Task.apply(batch.policy, current, steps, clock.nowMillis(), batch.counted);
        List<StepScript.Claim> claims = new ArrayList<>();
        List<Integer> claimants = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            TaskOutcome outcome = applied.outcomes().get(i);
            ProofClaim proof = Task.presented(steps.get(i));
            if (proof != null && (outcome instanceof TaskOutcome.Permitted || outcome instanceof TaskOutcome.Denied)) {
                long keep = Task.claimed(steps.get(i), outcome) == null ? 0 : proof.keepMillis();
                claims.add(new StepScript.Claim(proofKey("j", proof), keep));
                claimants.add(i);
            }
        }
        int uses = claims.size();
        if (!applied.counted().isEmpty()) {
            claimDenials(steps, applied, claims, claimants);
        }
        Task next = applied.next();
        byte[] written = new byte[0];
        Remembered after = new Remembered(last.tag(), current, batch.policy);
        if (next != null && next != current) {
            byte[] value = next.write(batch.policy);
            byte[] tag = new byte[StepScript.TAG_BYTES];
            ThreadLocalRandom.current().nextBytes(tag);
            written = Arrays.copyOf(tag, tag.length + value.length);
            System.arraycopy(value, 0, written, tag.length, value.length);
            after = new Remembered(tag, next, batch.policy);
        }
        byte[] announce = applied.ended() ? key.value().getBytes(StandardCharsets.US_ASCII) : new byte[0];
        long expiry = next == null ? 0 : next.forgetAtMillis();
        send(
                batch,
                new StepScript.Run(last.tag(), written, expiry, announce, claims),
                new Judged(applied, after, claimants, uses));
    }

    /**
     * A batch that was judged, until the store answers.
     *
     * @param claimants for each claim the step that makes it
     * @param uses how many of them are of used proofs; the others are of denials that count once
     */
    private record Judged(Task.Applied applied, Remembered after, List<Integer> claimants, int uses) {}

    /** A denial that was counted is claimed, so that the same proof's next one is not, on whichever replica. */
    private void claimDenials(
            List<TaskStep> steps, Task.Applied applied, List<StepScript.Claim> claims, List<Integer> claimants) {
        Set<String> left = new HashSet<>(applied.counted());
        for (int i = 0; i < steps.size(); i++) {
            ProofClaim proof = Task.presented(steps.get(i));
            if (proof != null && applied.outcomes().get(i) instanceof TaskOutcome.Denied && left.remove(proof.hash())) {
                claims.add(new StepScript.Claim(proofKey("d", proof), proof.keepMillis()));
                claimants.add(i);
            }
        }
    }

    /** @param kind {@code j} for a used proof, {@code d} for one whose denial was counted */
    private byte[] proofKey(String kind, ProofClaim proof) {
        String hash = proof.hash().length() > 22 ? proof.hash().substring(0, 22) : proof.hash();
        return ("{" + key.value() + "}" + kind + ":" + hash).getBytes(StandardCharsets.UTF_8);
    }

    private void send(Batch batch, StepScript.Run run, @Nullable Judged judged) {
        batch.scripts++;
        long asked = System.nanoTime();
        link.step(record, run, batch.turn).whenComplete((answer, failure) -> {
            try {
                if (failure != null) {
                    fail(batch, failure);
                    return;
                }
                clock.heard(asked, System.nanoTime(), answer.timeMicros());
                heard(batch, judged, answer);
            } catch (RuntimeException bug) {
                fail(batch, bug);
            }
        });
    }

    private void heard(Batch batch, @Nullable Judged judged, StepScript.Answer answer) {
        if (answer instanceof StepScript.Answer.Other other) {
            if (judged != null) {
                listener.conflict();
            }
            Task task =
                    other.record().length == 0 ? null : Task.read(other.record(), StepScript.TAG_BYTES, batch.policy);
            remembered = new Remembered(StepScript.tag(other.record()), task, batch.policy);
            attempt(batch);
            return;
        }
        if (judged == null) {
            throw new IllegalStateException("the store took an unknown tag for its own");
        }
        if (answer instanceof StepScript.Answer.Used used) {
            List<Waiting> replayed = new ArrayList<>();
            Set<String> counted = new HashSet<>(batch.counted);
            for (int claim : used.claims()) {
                Waiting claimant = batch.steps.get(judged.claimants().get(claim));
                ProofClaim proof = Task.presented(claimant.step);
                if (claim < judged.uses()) {
                    replayed.add(claimant);
                } else if (proof != null) {
                    counted.add(proof.hash());
                }
            }
            batch.counted = counted;
            batch.steps.removeAll(replayed);
            replayed.forEach(waiting -> waiting.complete(new TaskOutcome.Replayed()));
            attempt(batch);
            return;
        }
        remembered = judged.after();
        listener.committed(batch.steps.size(), batch.scripts, Duration.ofNanos(System.nanoTime() - batch.startedNanos));
        if (judged.applied().ended()) {
            onEnding.accept(key);
        }
        for (int i = 0; i < batch.steps.size(); i++) {
            batch.steps.get(i).complete(judged.applied().outcomes().get(i));
        }
        next();
    }

    private void fail(Batch batch, Throwable failure) {
        remembered = null;
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        listener.failed(batch.steps.size(), String.valueOf(cause.getMessage()));
        batch.steps.forEach(waiting -> waiting.completeExceptionally(cause));
        next();
    }
}
