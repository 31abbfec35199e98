package dev.errand.offline.proof;

import dev.errand.limit.Bandwidth;
import dev.errand.proof.Run;
import dev.errand.template.CallLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Lets a run wait where a bucket is empty: proofs look at no bucket, since buckets refill. Pure. */
final class RefillWaits {
    private RefillWaits() {}

    /** The run with waits in which each bucket gets the tokens that it needs. */
    static Run of(Run run, CallLimits limits) {
        List<Run.Call> paced = new ArrayList<>();
        for (int i = 0; i < run.calls().size(); i++) {
            Run.Call call = run.calls().get(i);
            String operation = call.operation();
            List<Run.Call> before = run.calls().subList(0, i);
            long sameBefore = before.stream()
                    .filter(each -> each.operation().equals(operation))
                    .count();
            int allBefore = i;
            long millis = Stream.concat(
                            limits.task().stream().map(bucket -> refill(bucket, allBefore)),
                            limits.operations().getOrDefault(operation, List.of()).stream()
                                    .map(bucket -> refill(bucket, sameBefore)))
                    .reduce(call.waitMillis(), Math::max);
            paced.add(new Run.Call(
                    operation,
                    call.arguments(),
                    call.happened(),
                    call.approved(),
                    millis,
                    call.returns(),
                    call.refused()));
        }
        return new Run(run.template(), run.parameters(), run.pinned(), paced);
    }

    /** The time for one token once as many calls passed as the bucket holds; 0 before. */
    private static long refill(Bandwidth bucket, long callsBefore) {
        boolean empty = !bucket.observe() && callsBefore >= bucket.capacity();
        return empty ? (bucket.period().toMillis() + bucket.capacity() - 1) / bucket.capacity() : 0;
    }
}
