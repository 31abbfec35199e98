package dev.errand.offline.learn;

import dev.errand.offline.replay.RecordedTask;
import dev.errand.offline.replay.RecordedTask.CameTo;
import dev.errand.offline.replay.RecordedTask.Decided;
import dev.errand.offline.replay.RecordedTask.Event;
import dev.errand.offline.replay.RecordedTask.Known;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The operations of recorded tasks that were called, and were never answered below 400. */
final class FailedOperations {
    private FailedOperations() {}

    /** For each such operation the end of a sentence that begins with its id. */
    public static Map<String, String> of(List<RecordedTask> tasks) {
        Map<String, int[]> calls = new TreeMap<>();
        Set<String> happened = new TreeSet<>();
        for (RecordedTask task : tasks) {
            Map<String, List<String>> sent = new TreeMap<>();
            Set<String> here = new TreeSet<>();
            for (Event event : task.events()) {
                if (event instanceof Decided decided && decided.call().permit()) {
                    sent.put(decided.call().decision(), decided.call().operations());
                    for (String id : decided.call().operations()) {
                        int[] count = calls.computeIfAbsent(id, unused -> new int[2]);
                        count[0]++;
                        count[1] += here.add(id) ? 1 : 0;
                    }
                } else if (event instanceof CameTo outcome && outcome.happened()) {
                    happened.addAll(sent.getOrDefault(outcome.decision(), List.of()));
                } else if (event instanceof Known known && known.happened()) {
                    happened.addAll(sent.getOrDefault(known.decision(), List.of()));
                }
            }
        }
        calls.keySet().removeAll(happened);
        Map<String, String> told = new TreeMap<>();
        calls.forEach((id, count) -> told.put(
                id,
                "was called " + count[0] + (count[0] == 1 ? " time in " : " times in ") + count[1]
                        + (count[1] == 1 ? " run" : " runs")
                        + " and only ever failed: it is granted and stands beside the plan; decide whether it belongs"
                        + " in the template"));
        return told;
    }
}
