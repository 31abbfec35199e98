package dev.errand.web;

import dev.errand.jose.JoseSignatureVerifier;
import dev.errand.policy.Trust;
import dev.errand.template.Policies;
import dev.errand.token.ChainVerifier;
import dev.errand.token.Limits;
import dev.errand.trust.HumanIssuers;
import dev.errand.trust.SvidVerifier;
import dev.errand.trust.TrustBundles;
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
            Map.of(),
            Map.of());

    private Revisions() {}
}
