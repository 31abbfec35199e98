package dev.errand.web;

import dev.errand.delegation.DelegationToken;
import dev.errand.delegation.Instruction;
import dev.errand.delegation.VerifiedChain;
import dev.errand.task.TaskOutcome;
import org.jspecify.annotations.Nullable;

/** What instructed a call: the nearest instruction at or above the leaf. */
final class Instructions {
    private Instructions() {}

    static @Nullable Instruction of(VerifiedChain chain) {
        for (int i = chain.tokens().size() - 1; i >= 0; i--) {
            DelegationToken token = chain.tokens().get(i);
            if (token.instruction() != null) {
                return token.instruction();
            }
        }
        return null;
    }

    /** The same as it counts now: nothing that a task does is trusted once untrusted content has reached it. */
    static @Nullable Instruction of(VerifiedChain chain, TaskOutcome.@Nullable Progress progress) {
        Instruction instruction = of(chain);
        return instruction == null || progress == null || !progress.untrusted()
                ? instruction
                : new Instruction(
                        instruction.source(), instruction.ref(), instruction.digest(), Instruction.Integrity.UNTRUSTED);
    }

    /** Whether that instruction may be trusted; a task that names none is not. */
    static boolean trusted(VerifiedChain chain) {
        Instruction instruction = of(chain);
        return instruction != null && instruction.integrity() == Instruction.Integrity.TRUSTED;
    }
}
