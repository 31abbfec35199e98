package dev.errand.offline.audit;

import dev.errand.offline.replay.RecordedCall;
import dev.errand.offline.replay.RecordedTask;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What one agent did in the tasks of one template. Immutable.
 *
 * @param agent its name; holders without a name are one group below the nearest holder that has one
 * @param tasks in how many tasks it called
 * @param holders with how many keys it called
 * @param permitted the number of permitted calls
 * @param waiting the number of calls that waited for an approval
 * @param denied the number of refusals by code
 * @param operations calls and resources of the permitted calls, by operation
 */
record Usage(
        String agent,
        int tasks,
        int holders,
        long permitted,
        long waiting,
        SortedMap<String, Long> denied,
        SortedMap<String, Used> operations) {
    /**
     * What was used of one operation.
     *
     * @param resources the distinct ones, as recorded
     */
    public record Used(long calls, SortedSet<String> resources) {}

    /** The most resources of one operation that are kept by name; further ones are only counted as calls. */
    private static final int MAX_RESOURCES = 1_000;

    /** One entry for each agent. The tasks are gone through once, one at a time, and no call is kept. */
    static List<Usage> of(List<RecordedTask> tasks) {
        SortedMap<String, Sum> sums = new TreeMap<>();
        for (RecordedTask task : tasks) {
            Set<String> seen = new HashSet<>();
            Set<String> holders = new HashSet<>();
            for (RecordedCall call : task.calls()) {
                String agent = agent(call);
                Sum sum = sums.computeIfAbsent(agent, name -> new Sum());
                sum.tasks += seen.add(agent) ? 1 : 0;
                // A key is counted once, since it lives for one task only.
                sum.holders += holders.add(agent + ' ' + call.leaf().key()) ? 1 : 0;
                sum.add(call);
            }
        }
        List<Usage> usages = new ArrayList<>();
        sums.forEach((agent, sum) -> usages.add(
                new Usage(agent, sum.tasks, sum.holders, sum.permitted, sum.waiting, sum.denied, sum.used())));
        return usages;
    }

    /** The counts of one agent so far. */
    private static final class Sum {
        private int tasks;
        private int holders;
        private long permitted;
        private long waiting;
        private final SortedMap<String, Long> denied = new TreeMap<>();
        private final SortedMap<String, Long> calls = new TreeMap<>();
        private final SortedMap<String, SortedSet<String>> resources = new TreeMap<>();

        void add(RecordedCall call) {
            if (call.waiting() > 0) {
                waiting += call.waiting();
                return;
            }
            if (!call.permit()) {
                denied.merge(String.valueOf(call.code()), 1L, Long::sum);
                return;
            }
            permitted++;
            for (RecordedCall.Pair pair : call.pairs()) {
                calls.merge(pair.operation(), 1L, Long::sum);
                SortedSet<String> named = resources.computeIfAbsent(pair.operation(), id -> new TreeSet<>());
                if (named.size() < MAX_RESOURCES) {
                    named.add(pair.resource());
                }
            }
        }

        SortedMap<String, Used> used() {
            SortedMap<String, Used> used = new TreeMap<>();
            calls.forEach((id, count) -> used.put(id, new Used(count, resources.getOrDefault(id, new TreeSet<>()))));
            return used;
        }
    }

    private static String agent(RecordedCall call) {
        for (int depth = call.depth(); depth >= 0; depth--) {
            String subject = call.holders().get(depth).subject();
            if (subject != null) {
                return depth == call.depth() ? subject : "unnamed below " + subject;
            }
        }
        return "unnamed";
    }
}
