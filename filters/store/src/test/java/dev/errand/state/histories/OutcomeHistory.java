package dev.errand.state.histories;

import dev.errand.state.histories.OutcomeModel.Write;
import dev.errand.state.histories.Replica.Reply;
import dev.errand.state.redis.RedisProcess;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * The part of a history that is about outcomes: writes that are answered, left, or forgotten by a replica that died, operators who
 * say what happened, and writes that count once they were handed over. Used by one thread.
 */
final class OutcomeHistory {
    /** Keys that are used at a time; an old one is left for a new one now and then. */
    private static final int KEYS = 3;

    private final String name;
    private final List<Replica> replicas;
    private final RandomGenerator random;
    private final OutcomeModel model;
    private final List<CompletableFuture<?>> open = new ArrayList<>();
    private final List<String> found = Collections.synchronizedList(new ArrayList<>());
    private int keys;
    private int proofs;
    private int walks;

    OutcomeHistory(String name, List<Replica> replicas, RandomGenerator random) {
        this.name = name;
        this.replicas = replicas;
        this.random = random;
        this.model = new OutcomeModel(OutcomeSteps.RULES + name);
    }

    void start() throws Exception {
        start(OutcomeSteps.RULES + name);
    }

    private void start(String task) throws Exception {
        RedisProcess.until("the task is started", () -> now(task, "start").is("done"));
    }

    /** How many calls were refused because an outcome was unknown. */
    int unknown() {
        return model.unknown();
    }

    private Replica replica() {
        return replicas.get(random.nextInt(replicas.size()));
    }

    private Reply now(String task, String step) throws Exception {
        return replica().ask(task, step).get(10, TimeUnit.SECONDS);
    }

    private void ask(String task, String step, Consumer<Reply> told) {
        open.add(replica().ask(task, step).thenAccept(told));
    }

    private void ask(String step, Consumer<Reply> told) {
        ask(OutcomeSteps.RULES + name, step, told);
    }

    private String key() {
        keys += random.nextInt(12) == 0 ? 1 : 0;
        return "k" + (keys + random.nextInt(KEYS));
    }

    private String proof() {
        return name + "-o" + ++proofs;
    }

    /** Makes one random step. */
    void step() {
        int kind = random.nextInt(100);
        if (kind < 35) {
            write(key());
        } else if (kind < 60) {
            read(key());
        } else if (kind < 66) {
            handed();
        } else {
            Write write = model.any(random);
            if (write != null) {
                end(write);
            }
        }
    }

    private void write(String key) {
        String proof = proof();
        long asked = System.nanoTime();
        ask("write " + key + " " + proof, reply -> model.wrote(new Write(key, proof, asked, reply)));
    }

    private void read(String key) {
        String proof = proof();
        long asked = System.nanoTime();
        ask("read " + key + " " + proof, reply -> model.read(key, proof, asked, reply));
    }

    /** The upstream answers, the agent leaves, or an operator says something. */
    private void end(Write write) {
        boolean happened = random.nextInt(3) > 0;
        switch (random.nextInt(3)) {
            case 0 -> ask("unanswered " + write.proof, reply -> {});
            case 1 -> say(write, "settle", happened);
            default -> say(write, "know", happened);
        }
    }

    private void say(Write write, String how, boolean happened) {
        long asked = System.nanoTime();
        ask(how + " " + write.proof + " " + happened, reply -> model.told(write, happened, asked, reply));
    }

    /** A task whose write counts once it was handed over: what follows does not pass before. */
    private void handed() {
        String task = OutcomeSteps.PLAN + name + "-" + ++walks;
        String write = proof();
        open.add(replica().ask(task, "start").thenCompose(started -> {
            if (!started.is("done")) {
                return CompletableFuture.completedFuture(null);
            }
            return replica().ask(task, "write k " + write).thenCompose(wrote -> {
                CompletableFuture<Reply> early = replica().ask(task, "read k " + write + "-a");
                return early.thenCompose(read -> {
                    if (read.is("permitted")) {
                        found.add(task + ": a read passed before its write was handed over");
                    }
                    return replica().ask(task, "handed " + write);
                });
            });
        }));
    }

    /** Waits for all replies. */
    void settle() throws Exception {
        for (CompletableFuture<?> each : List.copyOf(open)) {
            each.get(30, TimeUnit.SECONDS);
        }
        open.clear();
    }

    /** What the history must not show, after a walk in calm that must go on as it is written. */
    List<String> judged(boolean forgets) throws Exception {
        List<String> all = new ArrayList<>(found);
        model.violations(forgets, all);
        all.addAll(CalmWalk.of(this::calm));
        return all;
    }

    private void calm(int time, List<String> all) throws Exception {
        String task = OutcomeSteps.RULES + name + "-calm" + time;
        start(task);
        String left = proof();
        expect(all, task, "write a " + left, "permitted");
        String forgotten = proof();
        expect(all, task, "write b " + forgotten, "permitted");
        expect(all, task, "unanswered " + left, "done");
        expect(all, task, "read a " + proof(), "denied unknown d" + left);
        expect(all, task, "write a " + proof(), "denied unknown d" + left);
        expect(all, task, "know " + left + " true", "told SETTLED");
        expect(all, task, "know " + left + " true", "told REPEATED");
        expect(all, task, "know " + left + " false", "told CONFLICT");
        expect(all, task, "read a " + proof(), "permitted");
        // Whichever replica meets the place without an outcome takes it for unknown.
        RedisProcess.until(
                "nobody knows any more", () -> now(task, "read b " + proof()).is("denied unknown d" + forgotten));
        expect(all, task, "know " + forgotten + " false", "told SETTLED");
        expect(all, task, "write b " + proof(), "permitted");

        String plan = OutcomeSteps.PLAN + name + "-calm" + time;
        start(plan);
        String sent = proof();
        expect(all, plan, "write k " + sent, "permitted");
        expect(all, plan, "read k " + proof(), "denied");
        expect(all, plan, "handed " + sent, "done");
        expect(all, plan, "read k " + proof(), "permitted");
    }

    private void expect(List<String> all, String task, String step, String wanted) throws Exception {
        Reply reply = now(task, step);
        if (!reply.is(wanted)) {
            all.add(task + ": " + step + " came to " + reply.text() + " and not to " + wanted);
        }
    }
}
