package dev.errand.web;

import dev.errand.operation.AnswerPlace;
import dev.errand.operation.OperationCall;
import dev.errand.task.TaskPolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A value in a call's answer that rules or flow look at.
 *
 * @param operation the id of the operation that returns it
 * @param name its name in the catalogue
 * @param authority whether no caller of this gateway can choose it
 */
public record WatchedValue(String operation, String name, boolean authority) {
    /** The values that rules or flow of the call's task look at, each with its place in the answer; empty for nearly every call. */
    public static Map<WatchedValue, AnswerPlace> of(Call.Decided call) {
        TaskPolicy policy = call.caller().policy();
        List<OperationCall> calls = call.operations();
        Map<WatchedValue, AnswerPlace> found = Map.of();
        for (int i = 0; i < calls.size(); i++) {
            OperationCall pair = calls.get(i);
            Set<String> names = policy.returns(pair.operation().id());
            if (names.isEmpty() || pair.dryRun()) {
                continue;
            }
            for (String name : names) {
                AnswerPlace place = pair.operation().values().returns().get(name);
                if (place != null) {
                    found = found.isEmpty() ? new LinkedHashMap<>() : found;
                    found.put(new WatchedValue(pair.operation().id(), name, place.authority()), place);
                }
            }
        }
        return found;
    }
}
