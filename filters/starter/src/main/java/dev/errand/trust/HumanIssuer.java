package dev.errand.trust;

import dev.errand.jose.JwsAlgorithm;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One issuer that is trusted to identify humans.
 *
 * @param issuer its {@code iss}, compared exactly
 * @param keys its keys
 * @param audience a value that {@code aud} must contain
 * @param algorithms the algorithms that it signs with; at least one
 * @param rules which of its tokens start tasks
 * @param events how it tells of its humans, or null
 */
public record HumanIssuer(
        String issuer,
        LiveDocument<JwkSet> keys,
        String audience,
        Set<JwsAlgorithm> algorithms,
        SubjectRules rules,
        @Nullable EventRules events) {
    public HumanIssuer {
        algorithms = Set.copyOf(algorithms);
        if (issuer.isEmpty() || audience.isEmpty() || algorithms.isEmpty()) {
            throw new IllegalArgumentException("a human issuer has an issuer, an audience and an algorithm");
        }
    }
}
