package dev.errand.web;

import dev.errand.operation.JsonPointer;
import dev.errand.operation.OperationCall;
import dev.errand.sequence.SequencePolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A value in a call's answer that a rule looks at.
 *
 * @param operation the id of the operation that returns it
 * @param name its name in the catalogue
 */
public record Returning(String operation, String name) {
    /** The values that rules of the call's task look at, each with its place in the answer; empty for nearly every call. */
    public static Map<Returning, JsonPointer> of(Call.Decided call) {
        SequencePolicy sequence = call.caller().policy().sequence();
        List<OperationCall> calls = call.operations();
        Map<Returning, JsonPointer> found = Map.of();
        for (int i = 0; i < calls.size(); i++) {
            OperationCall pair = calls.get(i);
            Set<String> names = sequence.returns(pair.operation().id());
            if (names.isEmpty() || pair.dryRun()) {
                continue;
            }
            for (String name : names) {
                JsonPointer pointer = pair.operation().values().returns().get(name);
                if (pointer != null) {
                    found = found.isEmpty() ? new LinkedHashMap<>() : found;
                    found.put(new Returning(pair.operation().id(), name), pointer);
                }
            }
        }
        return found;
    }
}
