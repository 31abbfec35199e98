package dev.errand.task.intent;

import dev.errand.operation.Operation;

/**
 * Which arguments no content that came into a task later can choose. Immutable and thread-safe.
 *
 * @param arguments by the template's word and, under consent, by that of the human who started the task
 * @param ofTemplate by the template's word alone, as in a task of another anchor, whose human gave no consent here
 */
public record Fixed(FixedArguments arguments, FixedArguments ofTemplate) {
    /** Nothing is fixed. */
    public static final Fixed NONE = new Fixed(FixedArguments.NONE, FixedArguments.NONE);

    /** What is fixed where no human gave consent here. */
    public Fixed withoutConsent() {
        return arguments == ofTemplate ? this : new Fixed(ofTemplate, ofTemplate);
    }

    /** Whether a task that untrusted content has touched may make a call of the operation that needs a trusted one. */
    public boolean lets(Operation operation) {
        return arguments.fixAllThat(operation);
    }
}
