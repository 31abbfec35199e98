package dev.errand.state.histories;

import dev.errand.state.histories.Replica.Reply;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The part of a history in which each write that happened lets one read pass, and people approve reads although nobody knows what a
 * write came to. Each walk is a task of its own. Whatever is said of the writes later: no more reads pass than writes. Steps are made
 * by one thread.
 */
final class OnceHistory {
    private final String name;
    private final List<Replica> replicas;
    private final RandomGenerator random;
    private final List<CompletableFuture<?>> open = new ArrayList<>();
    private final List<Walk> walks = new ArrayList<>();
    private final AtomicInteger approved = new AtomicInteger();
    private final AtomicInteger proofs = new AtomicInteger();

    OnceHistory(String name, List<Replica> replicas, RandomGenerator random) {
        this.name = OutcomeSteps.ONCE + name;
        this.replicas = replicas;
        this.random = random;
    }

    private CompletableFuture<Reply> ask(String task, String step) {
        return replicas.get(Math.floorMod(proofs.get(), replicas.size())).ask(task, step);
    }

    private String proof() {
        return name + "-" + proofs.incrementAndGet();
    }

    /** Begins a walk, now and then. */
    void step() {
        if (random.nextInt(32) == 0) {
            Walk walk = new Walk(name + "-" + walks.size(), 1 + random.nextInt(2), random.nextInt(4));
            walks.add(walk);
            open.add(walk.run());
        }
    }

    /** One task: some writes that are left, reads that people approve, what an operator says, and more reads. */
    private final class Walk {
        private final String task;
        /** By bit: whether the write turns out to have happened. */
        private final int happened;

        private final List<String> proofsOfWrites = new ArrayList<>();
        private final AtomicInteger writes = new AtomicInteger();
        private final AtomicInteger reads = new AtomicInteger();

        Walk(String task, int count, int happened) {
            this.task = task;
            this.happened = happened;
            for (int i = 0; i < count; i++) {
                proofsOfWrites.add(proof());
            }
        }

        CompletableFuture<Reply> run() {
            CompletableFuture<Reply> last = ask(task, "start");
            for (String write : proofsOfWrites) {
                last = last.thenCompose(told -> ask(task, "write k " + write)).thenCompose(reply -> {
                    // A proof that was used before is that of this same write, of which a first answer was lost.
                    writes.addAndGet(reply.is("permitted") || reply.is("replayed") || reply.isUnknown() ? 1 : 0);
                    return ask(task, "unanswered " + write);
                });
            }
            last = last.thenCompose(told -> both(this::read)).thenCompose(told -> read());
            for (int i = 0; i < proofsOfWrites.size(); i++) {
                String said = "know " + proofsOfWrites.get(i) + " " + ((happened & 1 << i) != 0);
                last = last.thenCompose(told -> ask(task, said));
            }
            return last.thenCompose(told -> both(this::read)).thenCompose(told -> both(this::read));
        }

        private CompletableFuture<Reply> both(Supplier<CompletableFuture<Reply>> step) {
            return step.get().thenCombine(step.get(), (one, other) -> other);
        }

        /** A read; if people are asked about it since an outcome is unknown, one of them approves it, and it is made again. */
        private CompletableFuture<Reply> read() {
            return ask(task, "read k " + proof()).thenCompose(reply -> {
                passed(reply);
                String[] words = reply.text().split(" ");
                return reply.is("asked") && !words[4].equals("0")
                        ? ask(task, "decide " + words[1] + " " + words[2] + " approve h")
                                .thenCompose(told -> ask(task, "read k " + proof()))
                                .thenApply(this::passed)
                        : CompletableFuture.completedFuture(reply);
            });
        }

        private Reply passed(Reply reply) {
            reads.addAndGet(reply.is("permitted") || reply.is("passed") ? 1 : 0);
            approved.addAndGet(reply.is("passed") ? 1 : 0);
            return reply;
        }
    }

    /** Waits for all replies. */
    void settle() throws Exception {
        for (CompletableFuture<?> each : List.copyOf(open)) {
            each.get(60, TimeUnit.SECONDS);
        }
        open.clear();
    }

    /** How many reads passed by an approval. */
    int approved() {
        return approved.get();
    }

    /** What the history must not show, after a walk in calm that must go on as it is written. */
    List<String> judged(boolean forgets) throws Exception {
        List<String> found = new ArrayList<>();
        for (Walk walk : forgets ? Collections.<Walk>emptyList() : walks) {
            if (walk.reads.get() > walk.writes.get()) {
                found.add(walk.task + ": " + walk.reads + " reads passed behind " + walk.writes + " writes");
            }
        }
        found.addAll(CalmWalk.of(this::calm));
        return found;
    }

    private void calm(int time, List<String> found) throws Exception {
        String calm = name + "-calm" + time;
        expect(found, calm, "start", "done");
        String left = proof();
        expect(found, calm, "write k " + left, "permitted");
        expect(found, calm, "unanswered " + left, "done");
        String[] asked =
                expect(found, calm, "read k " + proof(), "asked").text().split(" ");
        if (asked.length > 2) {
            expect(found, calm, "decide " + asked[1] + " " + asked[2] + " approve h", "decided APPROVED");
            // A replica of the store may not confirm in time; the call was not sent then, and has its approval again.
            Reply passed = now(calm, "read k " + proof());
            for (int i = 0; i < 100 && passed.is("unsent"); i++) {
                TimeUnit.MILLISECONDS.sleep(100);
                passed = now(calm, "read k " + proof());
            }
            if (!passed.is("passed")) {
                found.add(calm + ": a read with an approval came to " + passed.text());
            }
            approved.incrementAndGet();
            expect(found, calm, "know " + left + " true", "told SETTLED");
            expect(found, calm, "read k " + proof(), "asked");
        }
    }

    private Reply now(String task, String step) throws Exception {
        return ask(task, step).get(10, TimeUnit.SECONDS);
    }

    private Reply expect(List<String> found, String task, String step, String wanted) throws Exception {
        Reply reply = now(task, step);
        if (!reply.is(wanted)) {
            found.add(task + ": " + step + " came to " + reply.text() + " and not to " + wanted);
        }
        return reply;
    }
}
