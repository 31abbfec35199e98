package dev.errand.web.refusal;

import dev.errand.denial.Denial;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a call is refused, and what else its challenge says.
 *
 * @param lacking the operations that the token does not grant, by id
 * @param nonce a fresh nonce to sign into the next proof, or null
 * @param open whether a caller who is not verified is told the detail too
 */
public record Refusal(
        Denial why, List<String> lacking, @Nullable String nonce, boolean open) {
    /** A refusal whose detail only verified holders are told. */
    public Refusal(Denial why, List<String> lacking, @Nullable String nonce) {
        this(why, lacking, nonce, false);
    }

    /** A refusal whose challenge adds nothing to the denial. */
    public static Refusal of(Denial why) {
        return new Refusal(why, List.of(), null);
    }
}
