package dev.errand.offline.audit;

import dev.errand.offline.replay.RecordedCall;
import dev.errand.offline.replay.RecordedTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What one agent did in the tasks of one template. Immutable.
 *
 * @param agent its name, or its key where it has none
 * @param tasks in how many tasks it called
 * @param permitted calls
 * @param denied refusals by code
 * @param operations calls and resources of the permitted ones, by operation
 */
public record Usage(
        String agent, int tasks, long permitted, SortedMap<String, Long> denied, SortedMap<String, Used> operations) {
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

    /** By the agent that called: the leaf's. */
    static List<Usage> of(List<RecordedTask> tasks) {
        Map<String, List<RecordedCall>> byAgent = new TreeMap<>();
        for (RecordedTask task : tasks) {
            task.calls()
                    .forEach(call -> byAgent.computeIfAbsent(call.leaf().name(), a -> new ArrayList<>())
                            .add(call));
        }
        List<Usage> usages = new ArrayList<>();
        byAgent.forEach((agent, calls) -> usages.add(of(agent, calls)));
        return usages;
    }

    private static Usage of(String agent, List<RecordedCall> calls) {
        SortedMap<String, Long> denied = new TreeMap<>();
        SortedMap<String, Used> operations = new TreeMap<>();
        SortedSet<String> tasks = new TreeSet<>();
        long permitted = 0;
        for (RecordedCall call : calls) {
            tasks.add(call.task());
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
        return new Usage(agent, tasks.size(), permitted, denied, operations);
    }
}
