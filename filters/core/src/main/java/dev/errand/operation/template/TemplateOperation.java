package dev.errand.operation.template;

import dev.errand.config.Position;
import dev.errand.operation.Operation;
import dev.errand.operation.Parameter;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * An operation, and what its requests may have. Compared by identity: one object for each id of a catalogue.
 *
 * @param operation its name and effect
 * @param parameters the parameters that become arguments
 * @param queryKeys every query key that is declared, including those of parameters
 * @param large whether its answers are large and never hold a credential
 * @param permissions what it needs of a credential that is made for the task, such as {@code contents:write}
 * @param at where it is declared
 */
record TemplateOperation(
        Operation operation,
        List<Parameter> parameters,
        Set<String> queryKeys,
        boolean large,
        Set<String> permissions,
        Position at) {
    TemplateOperation {
        parameters = List.copyOf(parameters);
        queryKeys = Set.copyOf(queryKeys);
        permissions = Set.copyOf(permissions);
    }

    /** The arguments that its calls may have: the resource, and each parameter. */
    Set<String> arguments() {
        Set<String> names = new TreeSet<>(Set.of("resource"));
        parameters.forEach(parameter -> names.add(parameter.name()));
        return names;
    }

    boolean readsBody() {
        for (Parameter parameter : parameters) {
            if (parameter.source() == Parameter.Source.BODY) {
                return true;
            }
        }
        return false;
    }
}
