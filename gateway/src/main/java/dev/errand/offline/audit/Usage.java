package dev.errand.offline.audit;

import dev.errand.offline.replay.RecordedCall;
import dev.errand.offline.replay.RecordedTask;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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
 * @param holders by how many keys
 * @param permitted calls
 * @param denied refusals by code
 * @param operations calls and resources of the permitted ones, by operation
 */
public record Usage(
        String agent,
        int tasks,
        int holders,
        long permitted,
        SortedMap<String, Long> denied,
        SortedMap<String, Used> operations) {
    /**
     * What was used of one operation.
     *
     * @param resources the distinct ones, as recorded
     */
    public record Used(long calls, SortedSet<String> resources) {
        Used and(String resource) {
            SortedSet<String> all = new TreeSet<>(resources);
            all.add(resource);
            return new Used(calls + 1, all);
        }
    }

    /** By the agent that called: the leaf's. A key lives for one task, so keys are counted and not listed. */
    static List<Usage> of(List<RecordedTask> tasks) {
        Map<String, List<RecordedCall>> byAgent = new TreeMap<>();
        for (RecordedTask task : tasks) {
            task.calls()
                    .forEach(call -> byAgent.computeIfAbsent(agent(call), a -> new ArrayList<>())
                            .add(call));
        }
        List<Usage> usages = new ArrayList<>();
        byAgent.forEach((agent, calls) -> usages.add(of(agent, calls)));
        return usages;
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

    private static Usage of(String agent, List<RecordedCall> calls) {
        SortedMap<String, Long> denied = new TreeMap<>();
        SortedMap<String, Used> operations = new TreeMap<>();
        Set<String> tasks = new HashSet<>();
        Set<String> holders = new HashSet<>();
        long permitted = 0;
        for (RecordedCall call : calls) {
            tasks.add(call.task());
            holders.add(call.leaf().key());
            if (!call.permit()) {
                denied.merge(String.valueOf(call.code()), 1L, Long::sum);
                continue;
            }
            permitted++;
            for (RecordedCall.Pair pair : call.pairs()) {
                operations.merge(
                        pair.operation(),
                        new Used(1, new TreeSet<>(List.of(pair.resource()))),
                        (used, one) -> used.and(pair.resource()));
            }
        }
        return new Usage(agent, tasks.size(), holders.size(), permitted, denied, operations);
    }
}
