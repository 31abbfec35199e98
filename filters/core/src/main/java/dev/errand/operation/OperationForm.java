package dev.errand.operation;

import java.util.Set;
import java.util.TreeSet;

/**
 * How an operation is called, for a person who writes a template. Immutable.
 *
 * @param method the methods in upper case, separated by commas; empty if the resolver names the operation itself
 * @param path the path template, and after a question mark the query keys that select the operation; empty as {@code method}
 * @param id with the catalogue's prefix
 * @param effect what it does in its upstream
 * @param resource the form of its resources: text and {@code {x}} for a part without a slash, {@code {x+}} for one or more
 *     segments, {@code {x*}} for none or more; empty if the catalogue does not know it
 * @param arguments the names of its other arguments, in order; empty if the catalogue does not know them
 */
public record OperationForm(
        String method, String path, String id, Effect effect, String resource, Set<String> arguments) {
    public OperationForm {
        arguments = new TreeSet<>(arguments);
    }

    /** The form of an operation that the resolver names itself. */
    static OperationForm of(Operation operation, Set<String> arguments) {
        return new OperationForm("", "", operation.id(), operation.effect(), "", arguments);
    }

    /** The same under another id. */
    OperationForm as(String other) {
        return new OperationForm(method, path, other, effect, resource, arguments);
    }
}
