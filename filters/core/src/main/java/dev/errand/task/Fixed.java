package dev.errand.task;

import dev.errand.operation.Operation;

/**
 * The arguments that content which came into a task later cannot choose. Immutable and thread-safe.
 *
 * @param arguments fixed by the template and, under consent, by the human who started the task
 * @param ofTemplate fixed by the template alone, as for a task of another anchor, whose human gave no consent here
 */
public record Fixed(FixedArguments arguments, FixedArguments ofTemplate) {
    /** Nothing is fixed. */
    public static final Fixed NONE = new Fixed(FixedArguments.NONE, FixedArguments.NONE);

    /** The fixed arguments of a task whose human gave no consent here. */
    public Fixed withoutConsent() {
        return arguments == ofTemplate ? this : new Fixed(ofTemplate, ofTemplate);
    }

    /** Whether a task that untrusted content has reached may call the operation. */
    public boolean lets(Operation operation) {
        return !operation.needsTrusted() || arguments.fixAllThat(operation);
    }
}
