package dev.errand.trust;

import dev.errand.jose.JwsAlgorithm;
import java.util.Set;

/**
 * One issuer that is trusted to identify humans.
 *
 * @param issuer its {@code iss}, compared exactly
 * @param keys its keys
 * @param audience a value that {@code aud} must contain
 * @param algorithms the algorithms that it signs with; at least one
 * @param rules which of its tokens start tasks
 */
public record HumanIssuer(
        String issuer, LiveDocument<JwkSet> keys, String audience, Set<JwsAlgorithm> algorithms, SubjectRules rules) {
    public HumanIssuer {
        algorithms = Set.copyOf(algorithms);
        if (issuer.isEmpty() || audience.isEmpty() || algorithms.isEmpty()) {
            throw new IllegalArgumentException("a human issuer has an issuer, an audience and an algorithm");
        }
    }
}
