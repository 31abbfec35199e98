package dev.errand.web;

import dev.errand.operation.AnswerPlace;
import dev.errand.operation.OperationCall;
import dev.errand.task.TaskPolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A value in a call's answer that rules or flow look at, or that is recorded.
 *
 * @param operation the id of the operation that returns it
 * @param name its name in the catalogue
 * @param authority whether no caller of this gateway can choose it
 * @param kept whether rules or flow look at it, so that the task's state keeps it
 * @param record whether it goes into the record of the call's outcome
 */
public record WatchedValue(String operation, String name, boolean authority, boolean kept, boolean record) {
    /** The values of the call's answer that are taken, each with its place; empty for nearly every call. */
    public static Map<WatchedValue, AnswerPlace> of(Call.Decided call) {
        TaskPolicy policy = call.caller().policy();
        List<OperationCall> calls = call.operations();
        Map<WatchedValue, AnswerPlace> found = Map.of();
        for (int i = 0; i < calls.size(); i++) {
            OperationCall pair = calls.get(i);
            Map<String, AnswerPlace> returns = pair.operation().values().returns();
            if (returns.isEmpty() || pair.dryRun()) {
                continue;
            }
            String id = pair.operation().id();
            Set<String> kept = policy.returns(id);
            for (Map.Entry<String, AnswerPlace> each : returns.entrySet()) {
                AnswerPlace place = each.getValue();
                String name = each.getKey();
                if (kept.contains(name) || place.record()) {
                    found = found.isEmpty() ? new LinkedHashMap<>() : found;
                    found.put(
                            new WatchedValue(id, name, place.authority(), kept.contains(name), place.record()), place);
                }
            }
        }
        return found;
    }
}
