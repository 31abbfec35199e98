package dev.errand.web.refusal;

import dev.errand.denial.Denial;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a call is refused, and what its challenge says besides.
 *
 * @param lacking the operations that the token does not grant, by id
 * @param nonce a fresh nonce to sign into the next proof, or null
 */
public record Refusal(
        Denial why, List<String> lacking, @Nullable String nonce) {
    /** A refusal whose challenge says no more. */
    public static Refusal of(Denial why) {
        return new Refusal(why, List.of(), null);
    }
}
