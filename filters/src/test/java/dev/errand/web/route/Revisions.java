package dev.errand.web.route;

import dev.errand.delegation.chain.ChainVerifier;
import dev.errand.delegation.chain.Limits;
import dev.errand.jose.JoseSignatureVerifier;
import dev.errand.jose.human.HumanIssuers;
import dev.errand.jose.spiffe.SvidVerifier;
import dev.errand.jose.spiffe.TrustBundles;
import dev.errand.policy.Policies;
import dev.errand.policy.Trust;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Revisions for tests that need one and not its contents. */
public final class Revisions {
    /** No catalogue, no template, nobody believed. */
    public static final Revision EMPTY = new Revision(
            new Policies("r", Map.of(), Map.of()),
            new Trust(
                    new ChainVerifier(new JoseSignatureVerifier(), List::of, Set.of("https://x"), Limits.DEFAULT),
                    new SvidVerifier(new TrustBundles(Map.of()), Duration.ofHours(1), Duration.ZERO),
                    new HumanIssuers(List.of(), Duration.ZERO),
                    Map.of()),
            Map.of(),
            Map.of());

    private Revisions() {}
}
