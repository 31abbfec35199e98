package dev.errand.web;

import dev.errand.delegation.DelegationToken;
import dev.errand.delegation.Instruction;
import dev.errand.delegation.VerifiedChain;
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

    /** Whether that instruction may be trusted; a task that names none is not. */
    static boolean trusted(VerifiedChain chain) {
        Instruction instruction = of(chain);
        return instruction != null && instruction.integrity() == Instruction.Integrity.TRUSTED;
    }
}
