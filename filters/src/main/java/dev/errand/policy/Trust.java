package dev.errand.policy;

import dev.errand.delegation.chain.ChainVerifier;
import dev.errand.jose.human.HumanIssuers;
import dev.errand.jose.spiffe.SvidVerifier;
import java.util.Map;

/**
 * Whom one revision believes. The documents of keys and bundles behind it refresh themselves. Immutable and thread-safe.
 *
 * @param chains verifies delegation chains under our own keys and the other anchors'
 * @param svids verifies workload identities
 * @param humans verifies tokens of humans
 * @param anchors what the roots of other anchors are held to, by the anchor's issuer
 */
public record Trust(ChainVerifier chains, SvidVerifier svids, HumanIssuers humans, Map<String, AnchorTerms> anchors) {
    public Trust {
        anchors = Map.copyOf(anchors);
    }
}
