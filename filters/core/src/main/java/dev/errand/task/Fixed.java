package dev.errand.task;

import dev.errand.json.JsonValue;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.sequence.rule.AnswerValues;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The arguments that content which came into a task later cannot choose. Immutable and thread-safe.
 *
 * @param arguments fixed by the template and, under consent, by the human who started the task
 * @param ofTemplate fixed by the template alone, as for a task of another anchor, whose human gave no consent here
 * @param sources the arguments of each operation that are fixed if their value is one that a trusted answer gave
 *     ({@code flow-from}), each with the values of answers that count
 */
public record Fixed(
        FixedArguments arguments,
        FixedArguments ofTemplate,
        Map<String, Map<String, List<AnswerValues.Source>>> sources) {
    /** Nothing is fixed. */
    public static final Fixed NONE = new Fixed(FixedArguments.NONE, FixedArguments.NONE, Map.of());

    public Fixed {
        Map<String, Map<String, List<AnswerValues.Source>>> copy = new LinkedHashMap<>();
        sources.forEach((operation, each) -> copy.put(operation, Map.copyOf(each)));
        sources = Map.copyOf(copy);
    }

    /** The fixed arguments of a task whose human gave no consent here. */
    public Fixed withoutConsent() {
        return arguments == ofTemplate ? this : new Fixed(ofTemplate, ofTemplate, sources);
    }

    /** Whether a task that untrusted content has reached may call the operation, whatever answers gave. */
    public boolean lets(Operation operation) {
        return !operation.needsTrusted() || arguments.fixAllThat(operation, Set.of());
    }

    /** Whether some answers may let such a task call the operation. */
    public boolean mayLet(Operation operation) {
        return lets(operation)
                || arguments.fixAllThat(
                        operation,
                        sources.getOrDefault(operation.id(), Map.of()).keySet());
    }

    /** Whether such a task may make the call. */
    public boolean lets(OperationCall call, AnswerValues answers) {
        Operation operation = call.operation();
        if (lets(operation)) {
            return true;
        }
        Map<String, List<AnswerValues.Source>> own = sources.getOrDefault(operation.id(), Map.of());
        Set<String> given = new HashSet<>();
        own.forEach((name, from) -> {
            JsonValue value = call.judged().get(name);
            if (value != null && answers.gave(value, operation.values().test(name), from, true)) {
                given.add(name);
            }
        });
        return !given.isEmpty() && arguments.fixAllThat(operation, given);
    }

    /** The names of the values in the operation's answers that may fix an argument. */
    public Set<String> returns(String operation) {
        if (sources.isEmpty()) {
            return Set.of();
        }
        Set<String> names = new HashSet<>();
        sources.values()
                .forEach(each -> each.values()
                        .forEach(from -> from.forEach(source -> {
                            if (source.operation().equals(operation)) {
                                names.add(source.name());
                            }
                        })));
        return names;
    }
}
