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
 * @param shown what a verified holder is told in place of the detail, which the log has; null for the detail itself
 */
public record Refusal(
        Denial why,
        List<String> lacking,
        @Nullable String nonce,
        boolean open,
        @Nullable String shown) {
    /** A refusal whose detail only verified holders are told. */
    public Refusal(Denial why, List<String> lacking, @Nullable String nonce) {
        this(why, lacking, nonce, false, null);
    }

    /** A refusal that shows nothing else than its detail. */
    public Refusal(Denial why, List<String> lacking, @Nullable String nonce, boolean open) {
        this(why, lacking, nonce, open, null);
    }

    /** The same refusal, of which a verified holder is told this. */
    public Refusal showing(@Nullable String text) {
        return new Refusal(why, lacking, nonce, open, text);
    }

    /** What the caller is told. */
    Denial told() {
        return shown == null ? why : why.saying(shown);
    }

    /** A refusal whose challenge adds nothing to the denial. */
    public static Refusal of(Denial why) {
        return new Refusal(why, List.of(), null);
    }
}
