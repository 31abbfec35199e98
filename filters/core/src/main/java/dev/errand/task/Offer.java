package dev.errand.task;

import dev.errand.operation.Effect;
import dev.errand.operation.OperationCall;
import dev.errand.sequence.rule.Counts;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One question for many calls, beside the question about one call: people may approve this call, or several calls of its operation
 * with the same values of some arguments. Immutable.
 *
 * @param match hash of what the calls have in common: task, leaf, operation, revision and the fixed values; base64url
 * @param digest {@code sha-256:} and the digest with which people approve all the calls
 * @param untilMillis when it ends once people have approved it, epoch milliseconds
 * @param taken whether every approval so far is of all the calls
 * @param uses the calls that passed by it, at most {@code terms.calls()}
 */
public record Offer(Terms terms, String match, String digest, long untilMillis, boolean taken, List<Use> uses) {
    /**
     * A call that an offer may cover, in the present state of its task.
     *
     * @param match as of the offer
     * @param trusted whether the task is still trusted after flow
     * @param settled the state of the plan by the known outcomes
     * @param objections all objections to the call
     */
    public record Covered(String match, boolean trusted, String settled, List<ShownObjection> objections) {
        public Covered {
            objections = List.copyOf(objections);
        }
    }

    /** The most calls of one question. */
    public static final int MOST = 100;

    private static final Set<Effect> NEVER = Set.of(Effect.ADMIN, Effect.DELETE, Effect.UNREVIEWED);

    /**
     * What a template says of it.
     *
     * @param calls how many calls pass, 1 to {@value #MOST}
     * @param fixed the arguments whose values stay the same; at least one
     * @param task whether it ends with the task, not with the request
     */
    public record Terms(int calls, List<String> fixed, boolean task) {
        public Terms {
            fixed = List.copyOf(fixed);
        }

        /** Whether these terms let people approve no more by one answer than the others do. */
        public boolean isWithin(@Nullable Terms other) {
            return other != null && calls <= other.calls && fixed.containsAll(other.fixed) && (other.task || !task);
        }

        /** Whether people may be asked once for this call and others. Its operation is the only one, with a value for each fixed argument. */
        boolean fit(List<OperationCall> calls) {
            OperationCall call = calls.get(0);
            return calls.size() == 1
                    && call.also().isEmpty()
                    && mayHave(call.operation().effect())
                    && fixed.stream().allMatch(name -> call.arguments().get(name) != null);
        }
    }

    /**
     * One call that passed.
     *
     * @param decision 64 bits of the hash of its decision
     * @param grown by how much the call raised what each shown objection counts, in their order; 0 for those that count nothing
     */
    public record Use(long decision, List<Long> grown) {
        public Use {
            grown = List.copyOf(grown);
        }
    }

    public Offer {
        uses = List.copyOf(uses);
    }

    /** Whether one question may cover many calls with that effect: never where a call deletes or administers. */
    public static boolean mayHave(Effect effect) {
        return !NEVER.contains(effect);
    }

    /** A copy after one more approval. An approval of the one call leaves only the one call. */
    Offer approved(boolean whole, boolean first) {
        return new Offer(terms, match, digest, untilMillis, whole && (first || taken), uses);
    }

    Offer used(Use use) {
        List<Use> all = new ArrayList<>(uses);
        all.add(use);
        return new Offer(terms, match, digest, untilMillis, taken, all);
    }

    boolean isUsedBy(long decision) {
        return uses.stream().anyMatch(use -> use.decision() == decision);
    }

    Offer unused(long decision) {
        return new Offer(
                terms,
                match,
                digest,
                untilMillis,
                taken,
                uses.stream().filter(use -> use.decision() != decision).toList());
    }

    /** Whether as many calls passed as people approved. */
    boolean isUsedUp() {
        return uses.size() >= terms.calls();
    }

    /** The objections as people saw them, with what the calls that passed have added to their counts. */
    List<ShownObjection> grown(List<ShownObjection> shown) {
        List<ShownObjection> grown = new ArrayList<>(shown.size());
        for (int i = 0; i < shown.size(); i++) {
            ShownObjection each = shown.get(i);
            int place = i;
            long more = uses.stream().mapToLong(use -> use.grown().get(place)).sum();
            grown.add(
                    more == 0
                            ? each
                            : each.counting(new Counts(each.counted().each().stream()
                                    .map(counted -> counted + more)
                                    .toList())));
        }
        return grown;
    }
}
