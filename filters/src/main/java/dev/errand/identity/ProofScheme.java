package dev.errand.identity;

import java.util.List;

/**
 * A scheme of {@code Authorization} under which a delegation token is presented, and the header field that its proof comes
 * in. The field is for the gateway alone and is never sent on. Immutable.
 */
public record ProofScheme(String word, String header) {
    /** RFC 9449. */
    public static final ProofScheme DPOP = new ProofScheme("DPoP", "DPoP");

    /** AAT-02 section 4. */
    public static final ProofScheme AAT = new ProofScheme("AAT", "AAT-PoP");

    /** The schemes of the product; each further one is one entry here. */
    public static final List<ProofScheme> ALL = List.of(DPOP, AAT);
}
