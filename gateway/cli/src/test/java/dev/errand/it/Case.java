package dev.errand.it;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A call that must be refused.
 *
 * @param attempt made anew each time, since proofs age
 * @param replica where it is sent
 * @param step as the log has it; null where the code says it all
 * @param verified whether the holder is verified, so that the answer has the step too
 */
record Case(
        String name,
        Supplier<Attempt> attempt,
        RunningGateway replica,
        int status,
        String code,
        @Nullable String step,
        boolean verified) {}
