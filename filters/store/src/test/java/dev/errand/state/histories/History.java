package dev.errand.state.histories;

import dev.errand.state.histories.Replica.Reply;
import dev.errand.state.redis.RedisProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/** One random history under faults, made by its seed. The faults' times are real, so that a seed makes like histories, not equal ones. */
final class History implements AutoCloseable {
    private static final int REPLICAS = 3;
    private static final int TASKS = 3;
    private static final int CHILDREN = 14;
    /** Different things that are asked about. */
    private static final int ASKED = 3;

    private final RandomGenerator random;
    private final Ground ground;
    private final List<Replica> replicas = new ArrayList<>();
    private final List<TaskModel> tasks = new ArrayList<>();
    private final List<CompletableFuture<?>> open = new ArrayList<>();
    private final long seed;
    private final OutcomeHistory outcomes;
    private final OnceHistory once;
    /** The fault under way, of which there is one at a time; steps go on meanwhile. */
    private CompletableFuture<Void> fault = CompletableFuture.completedFuture(null);

    private int proofs;
    private int calls;

    History(long seed, String kind, Path directory) throws Exception {
        this.seed = seed;
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        Files.createDirectories(directory);
        ground = switch (kind) {
            case "single" -> new Ground.Single(directory);
            case "hardened" -> Ground.Single.hardened(directory);
            case "slow" -> new Ground.Slow(directory);
            case "failover" -> new Ground.Failover(directory);
            case "cluster" -> new Ground.Cluster(directory);
            default -> throw new IllegalArgumentException("no such store: " + kind);
        };
        for (int i = 0; i < REPLICAS; i++) {
            replicas.add(new Replica(ground.urls(), directory.resolve("replica-" + i + ".log")));
        }
        String name = seed + "-" + Long.toHexString(System.nanoTime());
        outcomes = new OutcomeHistory(
                name, replicas, RandomGeneratorFactory.of("L64X128MixRandom").create(~seed));
        once = new OnceHistory(
                name, replicas, RandomGeneratorFactory.of("L64X128MixRandom").create(seed ^ 1));
    }

    /** How many calls it made. */
    int calls() {
        return calls;
    }

    /** @return what it must not have shown */
    List<String> run(int steps) throws Exception {
        for (int i = 0; i < TASKS; i++) {
            TaskModel task = new TaskModel("h-" + seed + "-" + i + "-" + Long.toHexString(System.nanoTime()));
            tasks.add(task);
            RedisProcess.until(
                    "the task is started",
                    () -> replicas.get(0)
                            .ask(task.name, "start")
                            .get(10, TimeUnit.SECONDS)
                            .is("done"));
            for (int replica = 0; replica < REPLICAS; replica++) {
                call(task, replica, "-", proof());
            }
        }
        outcomes.start();
        settle();
        if (ground instanceof Ground.Failover failover) {
            steps(steps / 2, false);
            settle();
            failover.lag();
            steps(steps / 4, false);
            settle();
            // Every replica hears of the endings.
            Thread.sleep(300);
            ground.fault(random, names());
            awaitStore();
            steps(steps / 4, false);
        } else {
            steps(steps, true);
        }
        settle();
        awaitStore();
        return judged();
    }

    private void steps(int count, boolean faults) throws Exception {
        for (int i = 0; i < count; i++) {
            step(faults);
            outcomes.step();
            once.step();
            Thread.sleep(random.nextInt(8));
        }
    }

    private void step(boolean faults) throws Exception {
        TaskModel task = tasks.get(random.nextInt(TASKS));
        int replica = random.nextInt(REPLICAS);
        int kind = random.nextInt(faults && fault.isDone() ? 1000 : 960);
        if (kind < 200) {
            ask(task, replica);
        } else if (kind < 340) {
            decide(task, replica);
        } else if (kind < 880) {
            String child = random.nextInt(4) == 0 ? "-" : "c" + random.nextInt(CHILDREN);
            call(task, replica, child, proof());
        } else if (kind < 935) {
            String used;
            synchronized (task) {
                used = task.usedProof(random.nextInt(1 << 20));
            }
            call(task, replica, "-", used == null ? proof() : used);
        } else if (kind < 950) {
            String child = "c" + random.nextInt(CHILDREN);
            end(task, replica, child, "revoke " + child);
        } else if (kind < 960) {
            if (task != tasks.get(0)) {
                end(task, replica, null, "interrupt");
            }
        } else if (kind < 980) {
            Replica paused = replicas.get(replica);
            long millis = random.nextInt(1500);
            paused.signal("STOP");
            begin(() -> {
                Thread.sleep(millis);
                paused.signal("CONT");
            });
        } else if (kind < 985) {
            replicas.get(replica).kill();
            replicas.get(replica).start();
        } else if (kind < 990) {
            replicas.get(replica).clock(random.nextLong(-20_000, 20_000));
        } else {
            RandomGenerator own = RandomGeneratorFactory.of("L64X128MixRandom").create(random.nextLong());
            begin(() -> ground.fault(own, names()));
        }
    }

    private interface Fault {
        void happen() throws Exception;
    }

    private void begin(Fault now) {
        fault = CompletableFuture.runAsync(() -> {
            try {
                now.happen();
            } catch (Exception failed) {
                throw new CompletionException(failed);
            }
        });
    }

    private List<String> names() {
        return tasks.stream().map(task -> task.name).toList();
    }

    private String proof() {
        return "p" + seed + "-" + ++proofs;
    }

    private void call(TaskModel task, int replica, String child, String proof) {
        calls++;
        long asked = System.nanoTime();
        ask(
                replica,
                task,
                "call " + child + " " + proof,
                reply -> task.called(new TaskModel.Call(child, proof, replica, asked, reply)));
    }

    /** A call that a human has to approve. */
    private void ask(TaskModel task, int replica) {
        ask(replica, task, "ask b" + random.nextInt(ASKED) + " " + proof(), task.approvals::asked);
    }

    /** What one of three humans says of a request, once or again. */
    private void decide(TaskModel task, int replica) {
        ApprovalModel.Request request;
        synchronized (task) {
            request = task.approvals.any(random);
        }
        if (request != null) {
            boolean approves = random.nextInt(12) > 0;
            String step = "decide " + request.id() + " " + request.digest() + (approves ? " approve" : " refuse") + " h"
                    + random.nextInt(3);
            ask(replica, task, step, reply -> task.approvals.decided(request.id(), approves, reply));
        }
    }

    /** How many calls passed by an approval. */
    int passes() {
        return tasks.stream().mapToInt(task -> task.approvals.passes()).sum();
    }

    private void end(TaskModel task, int replica, @Nullable String child, String step) {
        long asked = System.nanoTime();
        ask(replica, task, step, reply -> task.ended(new TaskModel.End(child, asked, reply)));
    }

    private void ask(int replica, TaskModel task, String step, Consumer<Reply> told) {
        open.add(replicas.get(replica).ask(task.name, step).thenAccept(reply -> {
            synchronized (task) {
                told.accept(reply);
            }
        }));
    }

    private void settle() throws Exception {
        fault.get(60, TimeUnit.SECONDS);
        for (CompletableFuture<?> each : open) {
            each.get(30, TimeUnit.SECONDS);
        }
        open.clear();
        outcomes.settle();
        once.settle();
    }

    /** How many calls passed by an approval although nobody knew what decides. */
    int approvedUnknown() {
        return once.approved();
    }

    /** How many calls were refused because an outcome was unknown. */
    int unknown() {
        return outcomes.unknown();
    }

    private void awaitStore() throws Exception {
        for (Replica replica : replicas) {
            RedisProcess.until(
                    "the store answers",
                    () -> !replica.ask("t-none", "look")
                            .get(10, TimeUnit.SECONDS)
                            .isUnknown());
        }
    }

    private List<String> judged() throws Exception {
        List<String> found = new ArrayList<>();
        for (TaskModel task : tasks) {
            TaskModel.Call last = lastCall(task);
            for (int again = 0; last.reply().isUnknown() && again < 20; again++) {
                task.called(last);
                Thread.sleep(200);
                last = lastCall(task);
            }
            found.addAll(task.violations(last, ground.forgets()));
        }
        found.addAll(outcomes.judged(ground.forgets()));
        found.addAll(once.judged(ground.forgets()));
        return found;
    }

    private TaskModel.Call lastCall(TaskModel task) throws Exception {
        long asked = System.nanoTime();
        String proof = proof();
        int replica = random.nextInt(REPLICAS);
        Reply reply = replicas.get(replica).ask(task.name, "call - " + proof).get(10, TimeUnit.SECONDS);
        return new TaskModel.Call("-", proof, replica, asked, reply);
    }

    @Override
    public void close() throws Exception {
        for (Replica replica : replicas) {
            replica.close();
        }
        ground.close();
    }
}
