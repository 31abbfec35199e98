package dev.errand.web.refusal;

import dev.errand.delegation.Instruction;
import dev.errand.delegation.VerifiedChain;
import dev.errand.task.TaskOutcome;
import org.jspecify.annotations.Nullable;

/** What instructed a call, and what that counts for. */
public final class Instructions {
    private Instructions() {}

    /** What instructed the chain's calls as it counts now: nothing that a task does is trusted once untrusted content has reached it. */
    public static @Nullable Instruction of(VerifiedChain chain, TaskOutcome.@Nullable Progress progress) {
        Instruction instruction = chain.instruction();
        return instruction == null || progress == null || !progress.untrusted()
                ? instruction
                : new Instruction(
                        instruction.source(), instruction.ref(), instruction.digest(), Instruction.Integrity.UNTRUSTED);
    }

    /** Whether that instruction may be trusted; a task that names none is not. */
    public static boolean trusted(VerifiedChain chain) {
        Instruction instruction = chain.instruction();
        return instruction != null && instruction.integrity() == Instruction.Integrity.TRUSTED;
    }
}
