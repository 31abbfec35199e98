package dev.errand.policy;

import dev.errand.delegation.chain.ChainVerifier;
import dev.errand.jose.human.HumanIssuers;
import dev.errand.jose.spiffe.SvidVerifier;
import java.util.Map;
import java.util.Set;

/**
 * Whom one revision believes. The documents of keys and bundles behind it refresh themselves. Immutable and thread-safe.
 *
 * @param chains verifies delegation chains under our own keys and the other anchors'
 * @param svids verifies workload identities
 * @param humans verifies tokens of humans
 * @param anchorTemplates the templates that cap the roots of other anchors, by the anchor's issuer
 */
public record Trust(
        ChainVerifier chains, SvidVerifier svids, HumanIssuers humans, Map<String, Set<String>> anchorTemplates) {
    public Trust {
        anchorTemplates = Map.copyOf(anchorTemplates);
    }
}
