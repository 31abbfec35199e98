package dev.errand.token;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A scheme of {@code Authorization} for delegation tokens, and the header field of its proof. The field is only for the
 * gateway, which never passes it on. Immutable.
 *
 * @param header null for a scheme whose proof is the client certificate of the connection alone
 */
public record ProofScheme(String word, @Nullable String header) {
    /** DPoP (RFC 9449). */
    public static final ProofScheme DPOP = new ProofScheme("DPoP", "DPoP");

    /** AAT-PoP (AAT-02 section 4). */
    public static final ProofScheme AAT = new ProofScheme("AAT", "AAT-PoP");

    /** Bearer (RFC 6750), over a connection whose client certificate has the leaf's key. */
    public static final ProofScheme BEARER = new ProofScheme("Bearer", null);

    /** All schemes of the product. A further scheme is one more entry here. */
    public static final List<ProofScheme> ALL = List.of(DPOP, AAT, BEARER);
}
