package dev.errand.state.histories;

import dev.errand.state.histories.Replica.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What the writes of one task may have come to, by what the replicas were told and when. A read of a key passes only behind a
 * write that somebody said had happened. A write of a key passes only if somebody said of each earlier one that it failed: an
 * agent that leaves, a replica that dies and a time that is over say nothing. Used by one thread at a time.
 */
final class OutcomeModel {
    /** Something that was said of a write. */
    private record Said(boolean happened, long askedNanos, Reply reply) {
        boolean saidBy(long nanos) {
            return askedNanos < nanos;
        }
    }

    /** A write, and what was said of it. */
    static final class Write {
        final String key;
        final String proof;
        private final long askedNanos;
        private final Reply reply;
        private final List<Said> told = new ArrayList<>();

        Write(String key, String proof, long askedNanos, Reply reply) {
            this.key = key;
            this.proof = proof;
            this.askedNanos = askedNanos;
            this.reply = reply;
        }

        private boolean isSaid(boolean happened, long byNanos) {
            return told.stream().anyMatch(each -> each.happened() == happened && each.saidBy(byNanos));
        }

        @Override
        public String toString() {
            return proof + " of " + key + " (" + reply.text() + ")";
        }
    }

    private record Read(String key, String proof, long askedNanos, Reply reply) {}

    private final String task;
    private final List<Write> writes = new ArrayList<>();
    private final List<Read> reads = new ArrayList<>();

    OutcomeModel(String task) {
        this.task = task;
    }

    synchronized void wrote(Write write) {
        writes.add(write);
    }

    synchronized void read(String key, String proof, long askedNanos, Reply reply) {
        reads.add(new Read(key, proof, askedNanos, reply));
    }

    /** Somebody says, from now on, what became of the write; whether it counted is told by the reply. */
    synchronized void told(Write write, boolean happened, long askedNanos, Reply reply) {
        write.told.add(new Said(happened, askedNanos, reply));
    }

    /** A write that passed lately, or null. */
    synchronized @Nullable Write any(RandomGenerator random) {
        List<Write> passed =
                writes.stream().filter(each -> each.reply.is("permitted")).toList();
        int last = Math.min(passed.size(), 6);
        return last == 0 ? null : passed.get(passed.size() - 1 - random.nextInt(last));
    }

    /** How many calls were refused because an outcome was unknown. */
    synchronized int unknown() {
        return (int)
                (writes.stream().filter(each -> each.reply.is("denied unknown")).count()
                        + reads.stream()
                                .filter(each -> each.reply().is("denied unknown"))
                                .count());
    }

    /** @param forgets whether the store lost what it acknowledged: an earlier write may be gone */
    synchronized void violations(boolean forgets, List<String> found) {
        for (Read read : reads) {
            boolean passes = read.reply().is("permitted");
            boolean may = writes.stream()
                    .anyMatch(write -> write.key.equals(read.key())
                            && write.isSaid(true, read.reply().nanos()));
            if (passes && !may) {
                found.add(task + ": " + read + " passed, and nobody said that a write happened");
            }
        }
        for (Write write : writes) {
            if (forgets || !write.reply.is("permitted")) {
                continue;
            }
            for (Write earlier : writes) {
                boolean before = earlier.key.equals(write.key)
                        && earlier.reply.is("permitted")
                        && earlier.reply.nanos() < write.askedNanos;
                if (before && !earlier.isSaid(false, write.reply.nanos())) {
                    found.add(task + ": " + write + " passed behind " + earlier
                            + ", of which nobody said that it failed");
                }
            }
        }
        if (!forgets) {
            writes.forEach(write -> known(write.key, write.proof, write.askedNanos, write.reply, found));
            reads.forEach(read -> known(read.key(), read.proof(), read.askedNanos(), read.reply(), found));
        }
    }

    /** What a refusal calls unknown is a write of the same key whose outcome nobody had acknowledged before. */
    private void known(String key, String proof, long askedNanos, Reply reply, List<String> found) {
        if (!reply.is("denied unknown")) {
            return;
        }
        for (String decision : reply.text().split(" ")[2].split(",")) {
            Write named = writes.stream()
                    .filter(each -> decision.equals("d" + each.proof) && each.key.equals(key))
                    .findFirst()
                    .orElse(null);
            boolean acknowledged = named != null
                    && named.told.stream()
                            .anyMatch(each -> each.reply().is("told SETTLED")
                                    && each.reply().nanos() < askedNanos);
            if (named == null || acknowledged) {
                found.add(task + ": " + proof + " was refused for the sake of " + decision + ", which "
                        + (named == null ? "is no write of its key" : "was settled"));
            }
        }
    }
}
