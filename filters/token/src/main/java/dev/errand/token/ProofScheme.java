package dev.errand.token;

import java.util.List;

/**
 * A scheme of {@code Authorization} for delegation tokens, and the header field of its proof. The field is only for the
 * gateway, which never passes it on. Immutable.
 */
public record ProofScheme(String word, String header) {
    /** DPoP (RFC 9449). */
    public static final ProofScheme DPOP = new ProofScheme("DPoP", "DPoP");

    /** AAT-PoP (AAT-02 section 4). */
    public static final ProofScheme AAT = new ProofScheme("AAT", "AAT-PoP");

    /** All schemes of the product. A further scheme is one more entry here. */
    public static final List<ProofScheme> ALL = List.of(DPOP, AAT);
}
