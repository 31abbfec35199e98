package dev.errand.operation;

import java.util.List;

/**
 * A named call.
 *
 * @param id catalogue and operation, such as {@code vault:kv.read}
 * @param effect what it does
 * @param yieldsUntrusted whether its answer carries content from outside
 * @param needsTrusted whether a task that untrusted content has touched may make it only with arguments that it could not
 *     choose
 * @param trustedArguments the arguments that it could not choose; none where no such call may pass at all
 * @param recordedArguments the arguments whose values go into the record
 */
public record Operation(
        String id,
        Effect effect,
        boolean yieldsUntrusted,
        boolean needsTrusted,
        List<String> trustedArguments,
        List<String> recordedArguments) {
    public Operation {
        trustedArguments = List.copyOf(trustedArguments);
        recordedArguments = List.copyOf(recordedArguments);
    }

    /** An operation of whose calls no argument is recorded, and none makes a difference to what it needs. */
    public Operation(String id, Effect effect, boolean yieldsUntrusted, boolean needsTrusted) {
        this(id, effect, yieldsUntrusted, needsTrusted, List.of(), List.of());
    }

    /** The same operation under another id. */
    public Operation as(String other) {
        return new Operation(other, effect, yieldsUntrusted, needsTrusted, trustedArguments, recordedArguments);
    }
}
