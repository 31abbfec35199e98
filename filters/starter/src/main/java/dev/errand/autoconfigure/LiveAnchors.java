package dev.errand.autoconfigure;

import dev.errand.jose.PublicJwk;
import dev.errand.jose.SigningKeys;
import dev.errand.token.Anchor;
import dev.errand.token.Anchors;
import dev.errand.token.HolderKey;
import dev.errand.token.KeyUse;
import dev.errand.trust.JwkSet;
import dev.errand.trust.LiveDocument;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The anchors of root tokens that are trusted now: our own keys, and the keys of other configured issuers, whose key
 * sets are refreshed in the background. A key of another use than {@code issue} is no anchor. An issuer whose key set
 * is too old has no anchors. Thread-safe; never blocks.
 */
final class LiveAnchors implements Anchors {
    private final String issuer;
    private final Supplier<SigningKeys> own;
    private final Map<String, LiveDocument<JwkSet>> others;
    private final Map<String, Set<String>> humans;
    private volatile Snapshot latest = new Snapshot(List.of(), List.of());

    /** The anchors that were made from these key sets. */
    private record Snapshot(List<Object> sources, List<Anchor> anchors) {
        boolean isOf(List<Object> now) {
            if (now.size() != sources.size()) {
                return false;
            }
            for (int i = 0; i < now.size(); i++) {
                if (now.get(i) != sources.get(i)) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * @param issuer our own {@code iss}
     * @param own our own keys; each call reads the current ones
     * @param others the key sets of other anchors, by their {@code iss}
     * @param humans the identity providers whose humans an anchor may speak for, by the anchor's {@code iss}; an anchor
     *     that is not in the map may speak only for humans of its own {@code iss}
     */
    public LiveAnchors(
            String issuer,
            Supplier<SigningKeys> own,
            Map<String, LiveDocument<JwkSet>> others,
            Map<String, Set<String>> humans) {
        if (others.containsKey(issuer)) {
            throw new IllegalArgumentException("our own issuer must not be an anchor beside our keys: " + issuer);
        }
        this.issuer = issuer;
        this.own = own;
        this.others = Map.copyOf(others);
        this.humans = Map.copyOf(humans);
    }

    @Override
    public List<Anchor> current() {
        SigningKeys keys = own.get();
        List<Object> sources = new ArrayList<>(1 + others.size());
        sources.add(keys);
        for (LiveDocument<JwkSet> document : others.values()) {
            JwkSet set = document.current();
            sources.add(set == null ? Boolean.FALSE : set);
        }
        Snapshot snapshot = latest;
        if (!snapshot.isOf(sources)) {
            snapshot = new Snapshot(List.copyOf(sources), anchors(keys));
            latest = snapshot;
        }
        return snapshot.anchors();
    }

    private List<Anchor> anchors(SigningKeys keys) {
        List<Anchor> anchors = new ArrayList<>();
        for (HolderKey key : keys.verificationKeys(KeyUse.ISSUE)) {
            anchors.add(new Anchor(issuer, key.jwk().string("kid"), key, true));
        }
        others.forEach((name, document) -> {
            JwkSet set = document.current();
            if (set != null) {
                Set<String> spokenFor = humans.getOrDefault(name, Set.of(name));
                for (PublicJwk jwk : set.keys()) {
                    Optional.of(jwk)
                            .filter(key -> KeyUse.ISSUE.permits(key.jwk()))
                            .flatMap(PublicJwk::asHolderKey)
                            .ifPresent(key ->
                                    anchors.add(new Anchor(name, key.jwk().string("kid"), key, false, spokenFor)));
                }
            }
        });
        return List.copyOf(anchors);
    }
}
