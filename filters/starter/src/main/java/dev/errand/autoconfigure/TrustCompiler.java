package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.jose.JwsAlgorithm;
import dev.errand.jose.KeyRotation;
import dev.errand.policy.AnchorTerms;
import dev.errand.policy.Trust;
import dev.errand.token.ChainVerifier;
import dev.errand.token.SignatureVerifier;
import dev.errand.trust.HumanIssuer;
import dev.errand.trust.HumanIssuers;
import dev.errand.trust.JwkSet;
import dev.errand.trust.LiveDocument;
import dev.errand.trust.SubjectRules;
import dev.errand.trust.SvidVerifier;
import dev.errand.trust.TrustBundle;
import dev.errand.trust.TrustBundles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Opens the documents that {@code errand.trust} names, and compiles the {@link Trust} of a revision. Thread-safe. */
record TrustCompiler(SignatureVerifier signatures, KeyRotation keys) {
    /** Compiles the trust. A {@link ConfigurationException} names the key whose document cannot be opened. */
    public Trust compile(ErrandProperties properties, Documents documents) {
        return new Trust(
                new ChainVerifier(
                        signatures,
                        anchors(properties, documents),
                        Set.of(properties.issuer()),
                        TrustConfiguration.limits(properties)),
                svids(properties, documents),
                humans(properties, documents),
                anchorTerms(properties));
    }

    private LiveAnchors anchors(ErrandProperties properties, Documents documents) {
        Map<String, LiveDocument<JwkSet>> others = new HashMap<>();
        Map<String, Set<String>> humans = new HashMap<>();
        for (ErrandProperties.Anchor anchor : properties.trust().anchors()) {
            others.put(anchor.issuer(), jwks(properties, "errand.trust.anchors", anchor.jwks(), documents));
            List<String> spokenFor = anchor.humans();
            humans.put(anchor.issuer(), spokenFor == null ? Set.of(anchor.issuer()) : Set.copyOf(spokenFor));
        }
        return new LiveAnchors(properties.issuer(), keys::revision, others, humans);
    }

    private static Map<String, AnchorTerms> anchorTerms(ErrandProperties properties) {
        Map<String, AnchorTerms> terms = new HashMap<>();
        for (ErrandProperties.Anchor anchor : properties.trust().anchors()) {
            terms.put(anchor.issuer(), new AnchorTerms(Set.copyOf(anchor.templates()), anchor.registerWithin()));
        }
        return terms;
    }

    private static SvidVerifier svids(ErrandProperties properties, Documents documents) {
        Map<String, LiveDocument<TrustBundle>> sources = new HashMap<>();
        for (ErrandProperties.Workloads workloads : properties.trust().workloads()) {
            sources.put(
                    workloads.trustDomain(),
                    documents.get(
                            "bundle " + workloads.trustDomain() + ' ' + workloads.bundle(),
                            () -> KeyDocuments.bundle(properties, workloads)));
        }
        return new SvidVerifier(
                new TrustBundles(sources),
                properties.trust().maxLifetime(),
                properties.trust().clockSkew());
    }

    private static HumanIssuers humans(ErrandProperties properties, Documents documents) {
        List<HumanIssuer> issuers = new ArrayList<>();
        for (ErrandProperties.HumanIssuer human : properties.trust().humans()) {
            Set<JwsAlgorithm> algorithms = check(human);
            SubjectRules rules = rules(human);
            LiveDocument<JwkSet> keys = human.jwks() == null
                    ? documents.get("discovery " + human.issuer(), () -> KeyDocuments.discovered(human.issuer()))
                    : jwks(properties, "errand.trust.humans", human.jwks(), documents);
            issuers.add(new HumanIssuer(
                    human.issuer(), keys, human.audience(), algorithms, rules, EventsCheck.rules(properties, human)));
        }
        return new HumanIssuers(issuers, properties.trust().clockSkew(), properties.approvalsAudience());
    }

    private static SubjectRules rules(ErrandProperties.HumanIssuer human) {
        List<String> clients = human.clients();
        if (clients != null && clients.isEmpty()) {
            throw ConfigurationException.of(
                    "errand.trust.humans: " + human.issuer()
                            + ": clients is empty: name the clients whose tokens start tasks, or leave the key out for every client");
        }
        try {
            return new SubjectRules(
                    Set.copyOf(human.types()),
                    human.maxAge(),
                    clients == null ? Set.of() : Set.copyOf(clients),
                    human.subject());
        } catch (IllegalArgumentException e) {
            throw ConfigurationException.of("errand.trust.humans: " + human.issuer() + ": " + e.getMessage());
        }
    }

    private static LiveDocument<JwkSet> jwks(
            ErrandProperties properties, String key, String value, Documents documents) {
        return documents.get("jwks " + value, () -> KeyDocuments.jwks(properties, key, value));
    }

    /** The algorithms of an entry. Throws a {@link ConfigurationException} if the entry has a fault. */
    public static Set<JwsAlgorithm> check(ErrandProperties.HumanIssuer human) {
        if ((human.jwks() == null) != human.discovery()) {
            throw ConfigurationException.of("errand.trust.humans: " + human.issuer()
                    + " needs either 'jwks: file:… or https://…' or 'discovery: true'");
        }
        rules(human);
        Set<JwsAlgorithm> algorithms = new HashSet<>();
        for (String name : human.algorithms()) {
            algorithms.add(JwsAlgorithm.parse(name)
                    .orElseThrow(() -> ConfigurationException.of("errand.trust.humans: " + human.issuer() + ": '" + name
                            + "' is no signature algorithm that we verify")));
        }
        return algorithms;
    }
}
