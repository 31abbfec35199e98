package dev.errand.operation;

/**
 * A named call.
 *
 * @param id catalogue and operation, such as {@code vault:kv.read}
 * @param effect what it does
 * @param yieldsUntrusted whether its answer carries content from outside
 * @param needsTrusted whether only a task that no untrusted content has touched may make it
 * @param values where the values of its calls and answers stand
 */
public record Operation(
        String id, Effect effect, boolean yieldsUntrusted, boolean needsTrusted, OperationValues values) {
    /** An operation all of whose arguments are text, and whose answers return nothing. */
    public Operation(String id, Effect effect, boolean yieldsUntrusted, boolean needsTrusted) {
        this(id, effect, yieldsUntrusted, needsTrusted, OperationValues.TEXT);
    }

    /** The same operation under another id. */
    public Operation as(String other) {
        return new Operation(other, effect, yieldsUntrusted, needsTrusted, values);
    }

    /** The same operation with values that stand there. */
    public Operation with(OperationValues others) {
        return new Operation(id, effect, yieldsUntrusted, needsTrusted, others);
    }
}
