package dev.errand.offline.learn;

import dev.errand.limit.Bandwidth;
import dev.errand.limit.BucketLevel;
import dev.errand.limit.TokenBucket;
import dev.errand.offline.replay.RecordedCall;
import dev.errand.offline.replay.RecordedTask;
import dev.errand.offline.replay.RecordedTask.CameTo;
import dev.errand.offline.replay.RecordedTask.Decided;
import dev.errand.offline.replay.RecordedTask.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The most that recorded tasks took of a budget or bucket. Pure. */
public final class PeakUsage {
    private PeakUsage() {}

    /**
     * A peak.
     *
     * @param amount the most that one task took; 0 if no task took any
     * @param task the first task that took this amount; empty if none did
     */
    public record Peak(long amount, String task) {
        static final Peak NONE = new Peak(0, "");

        Peak or(long other, RecordedTask by) {
            return other > amount ? new Peak(other, by.id()) : this;
        }
    }

    /** The most calls that one task had used of its budget at any time; what was given back does not count. */
    public static Peak calls(List<RecordedTask> tasks) {
        Peak peak = Peak.NONE;
        for (RecordedTask task : tasks) {
            Map<String, Integer> costs = new HashMap<>();
            long used = 0;
            for (Event event : task.events()) {
                if (event instanceof Decided decided && decided.call().permit()) {
                    costs.put(decided.call().decision(), decided.call().pairs().size());
                    used += decided.call().pairs().size();
                    peak = peak.or(used, task);
                } else if (event instanceof CameTo outcome && outcome.compensated()) {
                    Integer cost = costs.remove(outcome.decision());
                    used -= cost == null ? 0 : cost;
                }
            }
        }
        return peak;
    }

    /** The most calls of the operation that one task sent. */
    public static Peak sent(List<RecordedTask> tasks, String operation) {
        Peak peak = Peak.NONE;
        for (RecordedTask task : tasks) {
            peak = peak.or(
                    task.permitted().stream()
                            .mapToLong(call -> cost(call, operation))
                            .sum(),
                    task);
        }
        return peak;
    }

    /**
     * The smallest capacity of a bucket, refilled evenly per period, that holds every permitted call at its recorded
     * time.
     *
     * @param operation the operation that is charged, or null for all
     */
    public static Peak capacity(List<RecordedTask> tasks, @Nullable String operation, Duration period) {
        Peak peak = Peak.NONE;
        for (RecordedTask task : tasks) {
            List<long[]> charges = new ArrayList<>();
            long most = 0;
            long sum = 0;
            for (RecordedCall call : task.permitted()) {
                long cost = cost(call, operation);
                if (cost > 0) {
                    charges.add(new long[] {call.timeMillis(), cost});
                    most = Math.max(most, cost);
                    sum += cost;
                }
            }
            long low = Math.max(most, peak.amount());
            while (low < sum) {
                long middle = low + (sum - low) / 2;
                if (holds(charges, new Bandwidth(Math.max(1, middle), period, false))) {
                    sum = middle;
                } else {
                    low = middle + 1;
                }
            }
            peak = peak.or(charges.isEmpty() ? 0 : low, task);
        }
        return peak;
    }

    private static long cost(RecordedCall call, @Nullable String operation) {
        return operation == null
                ? call.pairs().size()
                : call.pairs().stream()
                        .filter(pair -> pair.operation().equals(operation))
                        .count();
    }

    private static boolean holds(List<long[]> charges, Bandwidth bandwidth) {
        TokenBucket bucket = TokenBucket.compile(bandwidth);
        BucketLevel level = null;
        for (long[] charge : charges) {
            level = bucket.consume(level, charge[1], charge[0]);
            if (level == null) {
                return false;
            }
        }
        return true;
    }
}
