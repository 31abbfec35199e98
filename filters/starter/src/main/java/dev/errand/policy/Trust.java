package dev.errand.policy;

import dev.errand.token.ChainVerifier;
import dev.errand.trust.HumanIssuers;
import dev.errand.trust.SvidVerifier;
import java.util.Map;

/**
 * Whom one revision trusts. The key documents and bundles that it uses refresh themselves. Immutable and thread-safe.
 *
 * @param chains verifies delegation chains by our own keys and those of the other anchors
 * @param svids verifies workload identities
 * @param humans verifies tokens of humans
 * @param anchors the terms for roots of other anchors, by the anchor's issuer
 */
public record Trust(ChainVerifier chains, SvidVerifier svids, HumanIssuers humans, Map<String, AnchorTerms> anchors) {
    public Trust {
        anchors = Map.copyOf(anchors);
    }
}
