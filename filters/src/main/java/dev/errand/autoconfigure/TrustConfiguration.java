package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.delegation.SignatureVerifier;
import dev.errand.delegation.chain.Anchors;
import dev.errand.delegation.chain.ChainVerifier;
import dev.errand.delegation.chain.Limits;
import dev.errand.delegation.chain.PopVerifier;
import dev.errand.jose.JoseSignatureVerifier;
import dev.errand.jose.JwkSet;
import dev.errand.jose.JwsAlgorithm;
import dev.errand.jose.KeyRotation;
import dev.errand.jose.LiveAnchors;
import dev.errand.jose.SigningKeys;
import dev.errand.jose.human.HumanIssuer;
import dev.errand.jose.human.HumanIssuers;
import dev.errand.jose.proof.DpopNonces;
import dev.errand.jose.proof.DpopVerifier;
import dev.errand.jose.source.LiveDocument;
import dev.errand.jose.spiffe.SvidVerifier;
import dev.errand.jose.spiffe.TrustBundle;
import dev.errand.jose.spiffe.TrustBundles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Whom we believe: our own keys and other anchors, identity providers, trust domains, and how proofs are judged. */
@Configuration(proxyBeanMethods = false)
class TrustConfiguration {
    @Bean
    SignatureVerifier errandSignatureVerifier() {
        return new JoseSignatureVerifier();
    }

    @Bean
    LiveAnchors errandAnchors(ErrandProperties properties, KeyRotation keys) {
        Map<String, LiveDocument<JwkSet>> others = new HashMap<>();
        for (ErrandProperties.Anchor anchor : properties.trust().anchors()) {
            others.put(anchor.issuer(), KeyDocuments.jwks(properties, "errand.trust.anchors", anchor.jwks()));
        }
        return new LiveAnchors(properties.issuer(), keys::revision, others);
    }

    @Bean
    ChainVerifier errandChainVerifier(SignatureVerifier signatures, Anchors anchors, ErrandProperties properties) {
        return new ChainVerifier(signatures, anchors, Set.of(properties.issuer()), limits(properties));
    }

    @Bean
    PopVerifier errandPopVerifier(SignatureVerifier signatures, ErrandProperties properties) {
        return new PopVerifier(signatures, Set.of(properties.issuer()), limits(properties));
    }

    private static Limits limits(ErrandProperties properties) {
        return Limits.DEFAULT
                .withLifetimeSeconds(properties.trust().maxLifetime().toSeconds())
                .withClockAllowanceSeconds(properties.proof().window().toSeconds());
    }

    @Bean
    @ConditionalOnProperty("errand.proof.nonce")
    DpopNonces errandDpopNonces(SigningKeys keys, ErrandProperties properties) {
        return DpopNonces.of(keys, properties.proof().window());
    }

    @Bean
    DpopVerifier errandDpopVerifier(
            ErrandProperties properties, org.springframework.beans.factory.ObjectProvider<DpopNonces> nonces) {
        return new DpopVerifier(properties.proof().window(), nonces.getIfAvailable());
    }

    @Bean(destroyMethod = "close")
    TrustBundles errandTrustBundles(ErrandProperties properties) {
        Map<String, LiveDocument<TrustBundle>> sources = new HashMap<>();
        for (ErrandProperties.Workloads workloads : properties.trust().workloads()) {
            sources.put(workloads.trustDomain(), KeyDocuments.bundle(properties, workloads));
        }
        return new TrustBundles(sources);
    }

    @Bean
    SvidVerifier errandSvidVerifier(TrustBundles bundles, ErrandProperties properties) {
        return new SvidVerifier(
                bundles, properties.trust().maxLifetime(), properties.trust().clockSkew());
    }

    @Bean
    HumanIssuers errandHumanIssuers(ErrandProperties properties) {
        List<HumanIssuer> issuers = new ArrayList<>();
        for (ErrandProperties.HumanIssuer human : properties.trust().humans()) {
            issuers.add(human(properties, human));
        }
        return new HumanIssuers(issuers, properties.trust().clockSkew());
    }

    static HumanIssuer human(ErrandProperties properties, ErrandProperties.HumanIssuer human) {
        if ((human.jwks() == null) != human.discovery()) {
            throw ConfigurationException.of("errand.trust.humans: " + human.issuer()
                    + " needs either 'jwks: file:… or https://…' or 'discovery: true'");
        }
        Set<JwsAlgorithm> algorithms = algorithms(human);
        LiveDocument<JwkSet> keys = human.jwks() == null
                ? KeyDocuments.discovered(human.issuer())
                : KeyDocuments.jwks(properties, "errand.trust.humans", human.jwks());
        return new HumanIssuer(human.issuer(), keys, human.audience(), algorithms);
    }

    private static Set<JwsAlgorithm> algorithms(ErrandProperties.HumanIssuer human) {
        Set<JwsAlgorithm> algorithms = new HashSet<>();
        for (String name : human.algorithms()) {
            algorithms.add(JwsAlgorithm.parse(name)
                    .orElseThrow(() -> ConfigurationException.of("errand.trust.humans: " + human.issuer() + ": '" + name
                            + "' is no signature algorithm that we verify")));
        }
        return algorithms;
    }
}
